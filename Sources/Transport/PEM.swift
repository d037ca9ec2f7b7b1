internal import COpenSSL
import Glibc

/// The bytes of a PEM file with the name to use in messages.
struct PEM: Sendable {
  let name: String
  let bytes: [UInt8]
  /// A chain of a few certificates is under 20 KB; a bundle of every public CA is 250 KB.
  static let maximumBytes = 1024 * 1024

  init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }

  /// Reads a file. Links are followed: Kubernetes mounts a Secret as links that it swaps.
  init(path: String) throws(TransportError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system("open", errno, "cannot read \(path)", code: .file) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 * 1024, alignment: 16)
    defer { chunk.deallocate() }
    while true {
      let count = read(descriptor, chunk.baseAddress!, chunk.count)
      guard count >= 0 else { throw .system("read", errno, "cannot read \(path)", code: .file) }
      if count == 0 { break }
      bytes.append(contentsOf: chunk[..<count])
      guard bytes.count <= Self.maximumBytes else {
        throw TransportError(.file, "\(path) is larger than \(Self.maximumBytes) bytes; it is not a PEM file")
      }
    }
    self.init(name: path, bytes: bytes)
  }

  /// Every certificate in the file, in its order; at least one.
  func certificates() throws(TransportError) -> [X509Certificate] {
    var found: [X509Certificate] = []
    ERR_clear_error()
    let memory = reader()
    defer { BIO_free(memory) }
    while let certificate = PEM_read_bio_X509(memory, nil, noPassphrase, nil) {
      found.append(X509Certificate(owning: certificate))
    }
    let last = ERR_peek_last_error()
    let isEnd = last == 0 || Int32(last & 0x7f_ffff) == PEM_R_NO_START_LINE
    guard isEnd else { throw .openSSL(.certificate, "\(name) holds a broken certificate") }
    ERR_clear_error()
    guard !found.isEmpty else { throw TransportError(.certificate, "\(name) holds no PEM certificate") }
    return found
  }

  func privateKey() throws(TransportError) -> PrivateKey {
    ERR_clear_error()
    let memory = reader()
    defer { BIO_free(memory) }
    guard let key = PEM_read_bio_PrivateKey(memory, nil, noPassphrase, nil) else {
      throw .openSSL(.certificate, "\(name) holds no readable private key (encrypted keys are not supported)")
    }
    return PrivateKey(owning: key)
  }

  /// What OpenSSL writes through `body`.
  static func written(_ what: String, by body: (OpaquePointer?) -> Int32) throws(TransportError) -> [UInt8] {
    let memory = BIO_new(BIO_s_mem())
    defer { BIO_free(memory) }
    guard body(memory) == 1 else { throw .openSSL(.certificate, "cannot write \(what) as PEM") }
    var bytes: UnsafeMutablePointer<CChar>?
    let count = copenssl_memory_bytes(memory, &bytes)
    return Array(UnsafeRawBufferPointer(start: bytes, count: count))
  }

  /// A reader over a copy of the bytes, which OpenSSL owns.
  private func reader() -> OpaquePointer? {
    let memory = BIO_new(BIO_s_mem())
    BIO_write(memory, bytes, Int32(bytes.count))
    return memory
  }
}

/// Never asks at the terminal: an encrypted key is an error, not a prompt.
private func noPassphrase(
  _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 { 0 }
