import Jobs
import Transport

/// Why the gate does not start, for the person who started it.
enum StartRefusal {
  static func certificate<T>(_ options: ServeOptions, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch {
      let folder = options.tlsCert.split(separator: "/").dropLast().joined(separator: "/")
      let place = options.tlsCert.hasPrefix("/") ? "/" + folder : folder.isEmpty ? "." : folder
      throw CommandFailure.failed(
        "\(error)",
        hint: "run `clonegate certs init --dir \(place) --host NAME`, or name others with --tls-cert and "
          + "--tls-key"
          + (options.clientCa == nil ? "" : "; --client-ca names PEM certificates of authorities"))
    }
  }

  static func journal<T>(_ options: ServeOptions, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as JournalError where error.code == .io {
      throw CommandFailure.failed("\(error)", hint: "--data names a directory that this user can write")
    }
  }

  static func port<T>(
    _ address: SocketAddress, _ flag: String, _ body: () async throws -> T
  ) async throws -> T {
    do {
      return try await body()
    } catch {
      throw CommandFailure.failed(
        "\(error)",
        hint: "`ss -ltnp 'sport = :\(address.port)'` shows who has the port; choose another with \(flag)")
    }
  }
}
