/// The arithmetic before byte 1: can the target hold the source, and if not, whose number was wrong?
struct SizeCheck {
  let source: Volume
  let target: CopyTarget
  let options: CopyOptions

  /// Measured sizes decide; declared ones only explain.
  func refuseTooSmall() throws(CopyError) {
    let need = source.size
    if let device = target.device, device.size < need {
      throw tooSmall(
        "target \(device.name) holds \(device.size) bytes, source \(source.name) has \(need):"
          + " \(need - device.size) bytes short", measured: device.size)
    }
    if options.mustHoldWholeImage, let room = target.room(), room.total < need {
      throw tooSmall(
        "the file system of target \(target.location) holds \(room.total) bytes,"
          + " source \(source.name) has \(need): \(need - room.total) bytes short", measured: room.total)
    }
  }

  /// For a file target, once it is clear that blocks are needed: `bytes` is what the copy will allocate.
  func refuseWithoutRoom(for bytes: Int64) throws(CopyError) {
    guard let room = target.room(), room.available < bytes else { return }
    throw CopyError(
      .doesNotFit, side: .target,
      message: "target \(target.location) has room for \(room.available) bytes, the copy needs \(bytes):"
        + " \(bytes - room.available) bytes short",
      remedy: "free space or use a larger volume", retryable: true)
  }

  private func tooSmall(_ message: String, measured: Int64) -> CopyError {
    CopyError(
      .doesNotFit, side: .target, message: message + blame(measured),
      remedy: "use a target of at least \(source.size) bytes")
  }

  private func blame(_ measured: Int64) -> String {
    var lies: [String] = []
    if let declared = options.declaredTargetBytes, declared != measured {
      lies.append("the target was declared with \(declared) bytes but measures \(measured)")
    }
    if let declared = options.declaredSourceBytes, declared != source.size {
      lies.append("the source was declared with \(declared) bytes but measures \(source.size)")
    }
    return lies.isEmpty ? "" : " (\(lies.joined(separator: "; ")))"
  }
}
