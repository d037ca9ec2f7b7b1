/// Columns as kubectl prints them: upper-case titles, three spaces between, nothing behind the last.
struct TextTable: Sendable {
  let columns: [String]
  var rows: [[String]] = []

  private static let gap = 3

  var text: String {
    let lines = [columns] + rows
    let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      var text = ""
      for (column, cell) in line.enumerated() {
        let isLast = column == line.count - 1
        text += isLast ? cell : cell + String(repeating: " ", count: widths[column] - cell.count + Self.gap)
      }
      return text
    }.joined(separator: "\n")
  }
}
