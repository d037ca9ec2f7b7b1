import Glibc
import Synchronization
import VolumeCopy

/// A table of system calls that writes down what is done, and lets tests fail any of it.
final class Recorder: Sendable {
  /// Which call fails: side and name as in the list, at which offset, with which error number.
  struct Fault: Sendable {
    var call: String
    var errno: Int32
    var from: Int64 = 0
    var upTo: Int64 = .max
    /// How often it fails; afterwards it works.
    var times = Int.max
  }

  private let lines = Mutex<[String]>([])
  private let faults: Mutex<[Fault]>
  private let deadly = Atomic(Int.max)

  init(_ faults: [Fault]) { self.faults = Mutex(faults) }

  convenience init(_ faults: Fault...) { self.init(faults) }

  /// One line for each call, in offset order, as in "write 0+4096".
  var operations: [String] { lines.withLock { $0 } }

  func operations(_ call: String) -> [String] { operations.filter { $0.hasPrefix(call + " ") } }

  /// Sum of the lengths of one kind of call.
  func bytes(_ call: String) -> Int64 {
    operations(call).compactMap { Int64($0.split(separator: "+").last ?? "") }.reduce(0, +)
  }

  /// The process kills itself at the call with this number.
  func kill(at number: Int) { deadly.store(number, ordering: .relaxed) }

  private func note(_ call: String, _ offset: Int64, _ length: Int64) -> Int64? {
    let count = lines.withLock {
      $0.append("\(call) \(offset)+\(length)")
      return $0.count
    }
    if count >= deadly.load(ordering: .relaxed) { Glibc.kill(getpid(), SIGKILL) }
    return faults.withLock { faults in
      for index in faults.indices where faults[index].call == call && faults[index].times > 0 {
        let fault = faults[index]
        guard offset < fault.upTo, offset + max(1, length) > fault.from else { continue }
        faults[index].times -= 1
        return -Int64(fault.errno)
      }
      return nil
    }
  }

  var calls: DiskCalls {
    let system = DiskCalls.system
    var calls = system
    calls.read = { side, descriptor, buffer, count, offset in
      self.note("read-\(side.rawValue)", offset, Int64(count))
        ?? system.read(side, descriptor, buffer, count, offset)
    }
    calls.write = { descriptor, buffer, count, offset in
      self.note("write", offset, Int64(count)) ?? system.write(descriptor, buffer, count, offset)
    }
    calls.zero = { method, descriptor, offset, length in
      self.note("\(method)", offset, length) ?? system.zero(method, descriptor, offset, length)
    }
    calls.reserve = { descriptor, offset, length in
      self.note("reserve", offset, length) ?? system.reserve(descriptor, offset, length)
    }
    calls.resize = { descriptor, size in self.note("resize", 0, size) ?? system.resize(descriptor, size) }
    calls.cloneFile = { source, target in self.note("clone", 0, 0) ?? system.cloneFile(source, target) }
    calls.cloneRange = { source, target, offset, length in
      self.note("clone-range", offset, length) ?? system.cloneRange(source, target, offset, length)
    }
    calls.copyRange = { source, target, offset, length in
      self.note("copy-range", offset, length) ?? system.copyRange(source, target, offset, length)
    }
    calls.flush = { self.note("flush", 0, 0) ?? system.flush($0) }
    calls.startWriteback = { descriptor, offset, length in
      self.note("start", offset, length) ?? system.startWriteback(descriptor, offset, length)
    }
    calls.waitWriteback = { descriptor, offset, length in
      self.note("wait", offset, length) ?? system.waitWriteback(descriptor, offset, length)
    }
    return calls
  }
}
