// Transport: event loops over epoll, listeners, a dialer and TLS. Bytes and time; it knows no protocol.
//
// Use it to accept or make TCP connections, with or without TLS, and to be told when bytes arrive or time
// is up. Do not use it for anything that blocks (disks, processes, a slow computation): one blocked handler
// stops every connection of its loop.
//
// Vocabulary, in the order a newcomer meets it:
//
//   Loop               an actor whose executor is one epoll thread; `LoopGroup` is the set of a process.
//   Listener           one listening socket; its connections go to the loop of the group that has the fewest.
//   Dialer             makes a connection on a loop: resolve, connect, verify the server against pinned CAs.
//   Connection         one peer. It belongs to one loop for life; not Sendable, so only that loop touches it.
//   ConnectionHandler  the room above: one object per connection, made on the loop after the handshake.
//   ConnectionHandle   a Sendable name for a connection, harmless after the connection is gone.
//   TLSServerContext   certificate, key and rules of a server; swapped whole by `reload()`.
//   TLSClientContext   whom a client trusts.
//   CertificateAuthority, CertificateInfo   make and read certificates.
//
// How a room above uses it:
//
//     let loops = try LoopGroup(count: 4)
//     let listener = try await Listener.start(on: address, loops: loops, tls: context) { connection in
//       Echo()                              // on the loop, after the handshake: `connection.alpn` is known
//     }
//
//     final class Echo: ConnectionHandler {
//       func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
//         connection.write(bytes)                  // gathered; leaves in one piece when the turn ends
//       }
//     }
//
// An answer that must wait starts a task and comes back through the handle, which is Sendable:
//
//     func received(_ bytes: UnsafeRawBufferPointer, on connection: Connection) {
//       let handle = connection.handle, question = parse(bytes)
//       handle.loop.task { loop in                 // begins on the loop, no hop
//         let answer = await ask(question)         // may run anywhere
//         loop.with(handle) { connection in        // on the loop again; not called if the peer has left
//           connection.write(answer)               // `connection.handler as? Echo` reaches the handler
//         }
//       }
//     }
//
// From other tasks: `await handle.loop.with(handle) { … }`. A turn of the loop: jobs, then each touched
// connection's `willFlush` and its output, deadlines, epoll, events.
