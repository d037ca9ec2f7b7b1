import JSON
import Testing

@testable import Admission

/// A URL may carry a password or a signed query; messages go to logs, and to whoever reads an event.
@Suite struct SecretTests {
  @Test(
    arguments: [
      ("https://host/disk.img", "https://host/disk.img"),
      ("ftp://user:S3CRET@host/x", "ftp://...@host/x"),
      ("ftp://host/x?token=S3CRET", "ftp://host/x?..."),
      ("ftp://host/x#S3CRET", "ftp://host/x?..."),
      ("user:S3CRET@host", "...@host"),
      ("user:S3/CRET@host/x", "...@host/x"),
      ("https://user:S3@CRET@host", "https://...@host"),
      ("ftp:/user:S3CRET@host", "ftp:/...@host"),
      ("@S3", "...@S3"), ("", ""), ("ftp://@", "ftp://...@"),
    ])
  func `a URL is shown without what may be a secret`(url: String, shown: String) {
    #expect(BoundedText.quotedURL(url) == "\"\(shown)\"")
  }

  @Test(arguments: ["http", "imageio", "registry", "s3", "gcs", "vddk"])
  func `a refused import tells no password`(kind: String) throws {
    let source: JSONValue = [
      "url": "ftp://user:S3CRET@host/x?sig=S3CRET", "secretRef": "a", "diskId": "b", "certConfigMap": "c",
      "uuid": "d", "backingFile": "e", "thumbprint": "f",
    ]
    let review: JSONValue = [
      "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
      "request": [
        "uid": "u", "operation": "CREATE", "namespace": "a", "userInfo": ["username": "alice"],
        "resource": ["group": "cdi.kubevirt.io", "version": "v1beta1", "resource": "datavolumes"],
        "object": [
          "apiVersion": "cdi.kubevirt.io/v1beta1", "kind": "DataVolume",
          "metadata": ["name": "b", "namespace": "a"],
          "spec": [
            "source": .object([kind: source]), "contentType": "kubevirt",
            "storage": ["resources": ["requests": ["storage": "1Gi"]]],
          ],
        ],
      ],
    ]
    let judgement = try World.judge().validate(review.bytes)
    #expect(!judgement.decision.allowed)
    #expect(!String(decoding: judgement.body, as: UTF8.self).contains("S3CRET"))
    #expect(!judgement.decision.reason.contains("S3CRET"))
  }
}
