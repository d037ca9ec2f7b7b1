import Admission
import Testing

@Suite struct UTCTimeTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2026-11-23T06:40:01Z", 1_795_416_001),
    ("2000-02-29T23:59:59Z", 951_868_799),
    ("2100-03-01T00:00:00Z", 4_107_542_400), ("1969-12-31T23:59:59Z", -1),
  ])
  func `a moment is read and written`(text: String, seconds: Int64) {
    #expect(UTCTime(text)?.seconds == seconds)
    #expect(UTCTime(seconds: seconds).description == text)
  }

  @Test func `a fraction of a second is dropped`() {
    #expect(UTCTime("1970-01-01T00:00:01.987654Z")?.seconds == 1)
  }

  @Test(arguments: [
    "", "yesterday", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00",
    "2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.0a0Z", "2026-01-01 00:00:00Z",
    "+026-01-01T00:00:00Z", "2026-01-01T00:00:00.0000000000000000Z",
  ])
  func `anything else is no time`(text: String) { #expect(UTCTime(text) == nil) }
}
