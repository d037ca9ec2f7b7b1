internal import CNghttp2

/// Fields in the form that nghttp2 takes, on the stack. nghttp2 copies them before the call returns.
enum HTTP2FieldList {
  static func with<R>(
    _ first: [(name: StaticString, value: [UInt8])], _ headers: HTTPHeaders,
    _ body: (UnsafeBufferPointer<nghttp2_nv>) -> R
  ) -> R {
    withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: first.count + headers.count) { list in
      headers.withFields { fields in
        var count = first.count
        while let (name, value) = fields.next() {
          list.initializeElement(at: count, to: entry(name, value))
          count += 1
        }
        return lend(first, 0, list) { body(UnsafeBufferPointer(rebasing: list[0..<count])) }
      }
    }
  }

  /// Lends the values of `first` one inside the other, so that all of them are valid when `body` runs.
  private static func lend<R>(
    _ first: [(name: StaticString, value: [UInt8])], _ index: Int,
    _ list: UnsafeMutableBufferPointer<nghttp2_nv>, _ body: () -> R
  ) -> R {
    guard index < first.count else { return body() }
    let name = first[index].name
    return first[index].value.withUnsafeBufferPointer { value in
      let named = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
      list.initializeElement(at: index, to: entry(named, value))
      return lend(first, index + 1, list, body)
    }
  }

  private static func entry(
    _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
  ) -> nghttp2_nv {
    nghttp2_nv(
      name: UnsafeMutablePointer(mutating: name.baseAddress),
      value: UnsafeMutablePointer(mutating: value.baseAddress),
      namelen: name.count, valuelen: value.count, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
  }
}
