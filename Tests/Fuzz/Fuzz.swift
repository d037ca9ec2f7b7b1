// Throws damaged input at everything in the house that reads what strangers send, and checks what must
// always hold.
//
//   Fuzz TARGET|all [--runs N] [--seed S] [--seconds T] [--corpus DIR]     mutate the corpus
//   Fuzz TARGET --replay FILE                                             one input, as it was
//
// The same seed and corpus give the same inputs. Before each run the input is written to a file; when a run
// crashes, hangs or breaks a rule, the file stays and its path is printed. Add a file to
// Tests/Fixtures/fuzz/TARGET for what was found.

import Foundation
import Fuzzing

@main
enum Fuzz {
  static func main() {
    do {
      let options = try FuzzOptions(Array(CommandLine.arguments.dropFirst()))
      for target in options.targets { try run(target, options) }
    } catch {
      FileHandle.standardError.write(Data("Fuzz: \(error)\n".utf8))
      exit(error is FuzzUsage ? 2 : 1)
    }
  }

  private static func run(_ target: FuzzTarget, _ options: FuzzOptions) throws {
    if let replay = options.replay {
      try FuzzRunner.replay(Array(try Data(contentsOf: replay)), on: target)
      return print("\(target.name): \(replay.path) holds")
    }
    let corpus = try Corpus(folder: options.corpus(of: target))
    var runner = FuzzRunner(target: target, corpus: corpus, seed: options.seed)
    try runner.run(times: options.runs, until: .now + .seconds(options.seconds))
    print("\(target.name): \(runner.runs) runs, \(runner.features) kinds of answers, nothing broke")
  }
}
