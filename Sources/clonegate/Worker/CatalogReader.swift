import Synchronization

/// Reads the standalone directory again when its files changed. While a file cannot be read the last good
/// catalogue stays: a volume that vanished by a typing error must not make a claim take another.
final class CatalogReader: Sendable {
  private struct Reading {
    let path: String
    let listing: [String: FileStamp]
    let catalog: VolumeCatalog
  }
  private let last = Mutex<Reading?>(nil)

  /// Without a directory there are no volumes and claims but those of the journal; with one that was never
  /// read whole, there is no catalogue.
  func catalog(at path: String?) -> VolumeCatalog? {
    guard let path else { return VolumeCatalog() }
    let directory = StandaloneDirectory(path: path)
    return last.withLock { last in
      if last?.path != path { last = nil }
      guard let listing = try? directory.listing(), listing != last?.listing else { return last?.catalog }
      let contents = directory.read()
      guard contents.problems.isEmpty else { return last?.catalog }
      last = Reading(path: path, listing: listing, catalog: VolumeCatalog(objects: contents.objects))
      return last?.catalog
    }
  }
}
