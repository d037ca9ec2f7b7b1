import ArgumentParser

/// `--dry-run=server`.
enum DryRun: String, ExpressibleByArgument, CaseIterable { case none, server }
