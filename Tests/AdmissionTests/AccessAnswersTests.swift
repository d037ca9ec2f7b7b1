import Admission
import Authorization
import JSON
import Testing

/// A refusal for a missing right says what to ask elsewhere, and takes the answers.
@Suite struct AccessAnswersTests {
  private static let cloner = """
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: datavolume-cloner}
    rules: [{apiGroups: [cdi.kubevirt.io], resources: [datavolumes/source], verbs: ["*"]}]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: b, namespace: source}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: datavolume-cloner}
    subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: alice}]
    """

  private func review(source: String = "pvc", groups: [JSONValue] = ["developers"]) -> [UInt8] {
    let spec: JSONValue = [
      "source": .object([source: ["namespace": "source", "name": "disk"]]),
      "pvc": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]]],
    ]
    let review: JSONValue = [
      "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
      "request": [
        "uid": "r1", "operation": "CREATE", "namespace": "target",
        "kind": ["group": "cdi.kubevirt.io", "version": "v1beta1", "kind": "DataVolume"],
        "resource": ["group": "cdi.kubevirt.io", "version": "v1beta1", "resource": "datavolumes"],
        "userInfo": ["username": "alice", "groups": .array(groups)],
        "object": [
          "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume", "metadata": ["name": "copy"],
          "spec": spec,
        ],
      ],
    ]
    return review.bytes
  }

  private func asked(_ judgement: Judgement) -> [String] {
    judgement.questions.map { "\($0.user.name) \($0.combinedResource)" }
  }

  private let all = [
    "alice datavolumes/source", "alice pods", "system:serviceaccount:target:default datavolumes/source",
    "system:serviceaccount:target:default pods",
  ]

  @Test func `a refusal names every question that the policy alone answered`() throws {
    let refused = try World.judge().mutate(review())
    #expect(!refused.decision.allowed)
    #expect(asked(refused) == all)
    let question = try #require(refused.questions.first)
    #expect(question.namespace == "source" && question.name == "disk" && question.verb == "create")
    #expect(question.user.groups == ["developers"])
  }

  @Test func `what the policy allows needs no second opinion`() throws {
    let judgement = try World.judge(Self.cloner).validate(review())
    #expect(judgement.decision.allowed)
    #expect(judgement.questions.isEmpty)
  }

  @Test(arguments: [0, 1, 2, 3]) func `one yes of the API server is enough, and is told`(index: Int) throws {
    let judge = try World.judge()
    let questions = judge.mutate(review()).questions
    var answers = AccessAnswers()
    for (number, question) in questions.enumerated() {
      if number == index { answers.allow(question, reason: "RBAC said so") } else { answers.deny(question) }
    }
    let judgement = judge.asking(answers).mutate(review())
    #expect(judgement.decision.allowed)
    #expect(judgement.decision.reason.contains("the API server, which was asked: RBAC said so"))
    #expect(judgement.decision.rule == (index % 2 == 0 ? .granted : .implicitGrant))
    #expect(judgement.questions.isEmpty)
  }

  @Test func `about a DataSource of a foreign namespace it is asked there, and its answers count`() throws {
    var body = try JSONValue(parsing: review())
    body["request"]?["object"]?["spec"]?["source"] = nil
    body["request"]?["object"]?["spec"]?["sourceRef"] = [
      "kind": "DataSource", "namespace": "golden", "name": "gone",
    ]
    let judge = try World.judge()
    let refused = judge.mutate(body.bytes)
    #expect(refused.decision.rule == .forbidden)
    #expect(asked(refused) == all)
    #expect(refused.questions.allSatisfy { $0.namespace == "golden" && $0.name.isEmpty })
    var answers = AccessAnswers()
    for question in refused.questions { answers.allow(question, reason: "RBAC said so") }
    #expect(judge.asking(answers).mutate(body.bytes).decision.reason.contains("golden/gone does not exist"))
  }

  @Test func `a no is final, and is not asked again`() throws {
    let judge = try World.judge()
    var answers = AccessAnswers()
    for question in judge.mutate(review()).questions { answers.deny(question) }
    let judgement = judge.asking(answers).mutate(review())
    #expect(!judgement.decision.allowed)
    #expect(judgement.questions.isEmpty)
  }

  @Test func `a yes about pods is not enough for a snapshot: claims are asked about next`() throws {
    let judge = try World.judge()
    var answers = AccessAnswers()
    for question in judge.mutate(review(source: "snapshot")).questions {
      if question.resource == "pods", question.user.name == "alice" {
        answers.allow(question, reason: "yes")
      } else {
        answers.deny(question)
      }
    }
    let judgement = judge.asking(answers).mutate(review(source: "snapshot"))
    #expect(!judgement.decision.allowed)
    #expect(asked(judgement) == ["alice persistentvolumeclaims"])
  }

  @Test func `an answer about one asker is none about another`() throws {
    let judge = try World.judge()
    var answers = AccessAnswers()
    for question in judge.mutate(review(groups: ["admins"])).questions where question.user.name == "alice" {
      answers.allow(question, reason: "yes")
    }
    #expect(!judge.asking(answers).mutate(review()).decision.allowed)
  }

  @Test func `a policy that is not trusted allows nothing, and its commands still name its role`() throws {
    let judge = try World.judge(Self.cloner).asking(.none, trustsPolicy: false)
    let judgement = judge.mutate(review())
    #expect(!judgement.decision.allowed)
    #expect(asked(judgement) == all)
    #expect(!judgement.decision.reason.contains("create clusterrole"))
    #expect(judgement.decision.reason.contains("--clusterrole=datavolume-cloner"))
  }
}
