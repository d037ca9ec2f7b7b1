import ArgumentParser

/// `--config` as help lists it. `ConfigurationFile` takes the word out before the command line is read.
struct ConfigurationOption: ParsableArguments {
  static let name = "config"

  @Option(
    name: .customLong(name),
    help: .init("YAML file whose keys are the long options here; the command line wins.", valueName: "file"))
  var file: String?
}
