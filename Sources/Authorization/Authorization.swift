/// Authorization: who may do what. Roles and bindings in, an immutable `Policy`; `Policy.decide` out, with
/// the reason.
///
/// The room is Kubernetes' RBAC authorizer as a pure function. `RBACObject` reads one Role, ClusterRole,
/// RoleBinding or ClusterRoleBinding and refuses what an API server would refuse (`RBACValidation`).
/// `Policy.build` joins them into an index by namespace and subject. `Policy.decide` answers `Attributes`
/// with a `Verdict` that names the `Grant` (binding, role, subject and rule) it rests on. `Policy.explain`
/// looks at the whole policy for people: every grant that allows, or the near misses of a denial. Nothing
/// here waits, opens a descriptor or asks for the time.
///
/// Do not use it for what is being asked (which source, which identity: Admission knows), nor to ask a
/// cluster (SubjectAccessReview belongs to Kubernetes and the hall).
///
/// An object that is broken, doubled or dangling never widens access: it is left out, and reported as a
/// `Problem`.
