import Testing

/// The rules are only as good as the eyes they look through.
@Suite struct `The reader of sources` {
  @Test func `does not see braces or words in strings and comments`() {
    let source = SwiftSource(
      text: """
        func f() { // { if
          let s = "if { \\" {" /* { */
          let r = #"{ " {"#
        }
        """)
    #expect(source.blocks.count == 1)
    #expect(source.blocks[0].kind == .function)
    #expect(source.blocks[0].end == 3)
  }

  @Test func `measures a function from its first word to its last brace`() {
    let source = SwiftSource(text: "struct S {\n  func f(\n    a: Int\n  ) -> Int {\n    a\n  }\n}")
    let function = source.blocks.first { $0.kind == .function }
    #expect(function?.start == 1 && function?.end == 5)
  }

  @Test func `counts how deep control flow goes, and begins anew in a nested function`() {
    let source = SwiftSource(
      text: """
        func f() {
          if a {
            for b in c {
              while d { e() }
            }
          } else if x {
            func g() { if y { z() } }
          }
        }
        """)
    #expect(source.blocks.filter { $0.kind == .control }.map(\.nesting) == [1, 2, 3, 1, 1])
  }
}
