import ArgumentParser

/// The admission gate and copy worker for virtual-machine disks on Kubernetes.
@main struct Clonegate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "clonegate", version: "0.1.0")
}
