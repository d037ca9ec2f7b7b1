import Chance
import Admission
import JSON
import Testing

/// Kubernetes' own table of quantities (`apimachinery/pkg/api/resource/quantity_test.go`), in behaviour, not
/// in code.
@Suite struct QuantityTests {
  @Test(
    arguments: [
      ("0", 0), ("0Ki", 0), ("0n", 0), ("-0", 0), ("+0", 0), ("1", 1), ("007", 7), ("1.", 1), (".5", 1),
      ("1.5", 2),
      ("1Ki", 1024), ("7Mi", 7 << 20), ("6Gi", 6 << 30), ("5Ti", 5 << 40), ("4Pi", 4 << 50), ("3Ei", 3 << 60),
      ("1.5Gi", 1_610_612_736), ("0.025Ti", 27_487_790_695), ("0.000001Ki", 1), ("1.00000Ki", 1024),
      ("8k", 8000), ("7M", 7_000_000), ("6G", 6_000_000_000), ("5T", 5_000_000_000_000),
      ("4P", 4 * 1_000_000_000_000_000),
      ("3E", 3_000_000_000_000_000_000), ("1m", 1), ("1000m", 1), ("1001m", 2), ("5n", 1), ("4u", 1),
      ("1e6", 1_000_000), ("1E6", 1_000_000), ("1e+6", 1_000_000), ("12e-1", 2), ("1.5e3", 1500), ("1e0", 1),
      ("1E", 1_000_000_000_000_000_000), ("+10Gi", 10 << 30), ("-1Ki", -1024), ("-1500m", -2),
      ("2147483648", 2_147_483_648),
      ("1048576000m", 1_048_576), ("1e-9", 1), ("1e-30", 1), ("0e99999", 0),
    ] as [(String, Int64)])
  func `a quantity has Kubernetes' value in whole bytes, rounded away from zero`(text: String, value: Int64)
    throws
  {
    #expect(try Quantity(text).value == value)
  }

  @Test(arguments: ["8Ei", "9Ei", "16Ei", "9223372036854775808Ki", "10E", "9223372036854775808", "1e25"])
  func `an amount beyond 64 bits becomes the largest`(text: String) throws {
    #expect(try Quantity(text).value == Int64.max)
    #expect(try Quantity("-" + text).value == -Int64.max)
  }

  @Test(arguments: [
    "1.1.M", "1+1.0M", "0.1mi", "0.1am", "aoeu", ".5i", "1i", "-3.01i", "-3.01e-", "1e", "1ee3", "1e1.5",
    "1KI", "1ki",
    "1kB", "1GiB", "0x10", "", " ", " 1", "1 ", "+", "-", ".", "Gi", "--1", "+-1", "1e9999999999", "１Gi",
    "1\u{212A}i", "1Gi\n", "1\u{0}",
    "nan", "inf", "1_000", "1,5", "1e+", "1Ki1",
  ])
  func `what the grammar does not know is refused`(text: String) {
    #expect(throws: QuantityError.self) { try Quantity(text) }
  }

  @Test(arguments: [
    ("", QuantityError.Code.empty), ("Gi", .number), ("1GB", .suffix), ("1e99", .tooLarge),
  ])
  func `a refusal says which part is wrong`(text: String, code: QuantityError.Code) {
    #expect { try Quantity(text) } throws: { ($0 as? QuantityError)?.code == code }
  }

  @Test(arguments: [
    ("1Gi", "1024Mi"), ("1.5Gi", "1536Mi"), ("1", "1000m"), ("1000000", "1M"), ("1e3", "1k"), ("0", "-0"),
    ("1Gi", "1073741824"),
    ("9Ei", "16Ei"), ("0.1n", "1n"),
  ])
  func `quantities are equal by value`(a: String, b: String) throws {
    #expect(try Quantity(a) == Quantity(b))
    #expect(try Quantity(a).hashValue == Quantity(b).hashValue)
  }

  @Test(arguments: [
    ("1G", "1Gi"), ("-2", "-1"), ("-1", "0"), ("0", "1n"), ("999m", "1"),
    ("9223372036854775807", "9223372036854775808"),
  ])
  func `quantities are ordered by value`(smaller: String, larger: String) throws {
    #expect(try Quantity(smaller) < Quantity(larger))
    #expect(try !(Quantity(larger) < Quantity(smaller)))
  }

  @Test(arguments: [
    ("1.5Gi", "1536Mi"), ("1024Mi", "1Gi"), ("1000Mi", "1000Mi"), ("1.5", "1500m"), ("1000", "1k"),
    ("1024", "1024"),
    ("500Ki", "500Ki"), ("0.5Ki", "512"), ("0.1Ki", "102400m"), ("1e3", "1e3"), ("1e7", "10e6"),
    ("12e-1", "1200e-3"), ("10", "10"),
    ("1e0", "1"), ("-1536Mi", "-1536Mi"), ("0Gi", "0"), ("2147483648", "2147483648"), ("1n", "1n"),
    ("1000000n", "1m"),
  ])
  func `the canonical text loses nothing and has the largest suffix`(text: String, canonical: String) throws {
    let quantity = try Quantity(text)
    #expect(quantity.description == canonical)
    #expect(try Quantity(quantity.description) == quantity)
  }

  @Test func `any number of bytes survives being written and read`() throws {
    var dice = Dice(seed: 1)
    for _ in 0..<2000 {
      let bytes = Int64(bitPattern: dice.next()) >> Int64.random(in: 0...62, using: &dice)
      guard bytes != Int64.min else { continue }
      let quantity = Quantity(bytes: bytes)
      #expect(quantity.value == bytes)
      #expect(try Quantity(quantity.description).value == bytes, "\(quantity)")
      #expect(try Quantity("\(bytes)").value == bytes)
    }
  }

  @Test func `a larger number is never a smaller quantity`() throws {
    let suffixes = ["", "k", "M", "G", "Ki", "Mi", "Gi", "m", "e2", "E-1"]
    var dice = Dice(seed: 2)
    for _ in 0..<2000 {
      let suffix = suffixes.randomElement(using: &dice)!
      let a = Int.random(in: 0...1_000_000, using: &dice)
      let b = Int.random(in: 0...1_000_000, using: &dice)
      let (first, second) = (try Quantity("\(a)\(suffix)"), try Quantity("\(b)\(suffix)"))
      #expect((first < second) == (a < b))
      #expect((first == second) == (a == b))
      #expect((first.value <= second.value) || a > b)
    }
  }

  @Test func `any text is read or refused, and never traps`() {
    let alphabet = Array("0123456789.+-eEKMGTPinumk \u{e9}")
    var dice = Dice(seed: 3)
    for _ in 0..<20_000 {
      let length = Int.random(in: 0...12, using: &dice)
      let text = String((0..<length).map { _ in alphabet.randomElement(using: &dice)! })
      if let quantity = try? Quantity(text) {
        #expect((try? Quantity(quantity.description)) == quantity, "\(text)")
      }
    }
  }
}
