// The API server as we see it: who we are there, objects in and out, watches, one leader, events.
//
// Use it for every word that is exchanged with an API server as its client. Do not use it to decide anything:
// objects stay JSON, and whoever understands a kind reads it (Authorization the roles, Admission the claims).
// It keeps no copy of the cluster either: a `Reflector` hands changes on, with only the fields that its
// reader projects. Unknown fields are never dropped: what is updated is what was read, with changes.
//
// Vocabulary, in the order a newcomer meets it:
//
//   ClusterConfiguration  server, CA, credential, namespace: of a pod (`.inCluster`) or of a Kubeconfig
//   CredentialSource      what is shown with each request, renewed as it rotates or expires
//   ResourceType          group, version, resource and scope; makes the paths
//   KubernetesClient      get, list in pages, create, update, patch, delete, watch, SubjectAccessReview
//   KubernetesError       what the API server (or the way to it) said, and what to do next
//   Reflector             list and watch for ever: replaced, added, modified, deleted, and how old that is
//   LeaderElection        one of several replicas acts, by a Lease
//   EventRecorder         what `kubectl describe` shows under Events; never in anybody's way
//
// Every call has a deadline and every answer a limit. Nothing here opens a socket: the hall hands in an
// `HTTPClientFactory`.
//
//     let cluster = try ClusterConfiguration.inCluster(environment: environment)
//     let client = KubernetesClient(cluster, clients: HTTPClientFactory(loop: loop))
//     let claim = try await client.get(.persistentVolumeClaims, "vm-disk", in: "source-namespace")
//     try await client.update(.persistentVolumeClaims, "vm-disk", in: "source-namespace") { claim in
//       claim["metadata"]?["labels"]?["example.com/seen"] = "true"
//     }
