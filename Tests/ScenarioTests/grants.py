"""Shows that an account needs every permission that it has.

    grants.py SERVER AUDIT-LOG NAMESPACE ACCOUNT SECONDS

Takes everything from the ClusterRole and the Role (in the namespace clonegate) that bear the account's name, and gives
one permission back when the API server's audit log shows that the account was refused for want of it. Ends when all
are given back. Says which nobody missed, and which were missed and are not in the roles."""
import json, re, ssl, sys, time, urllib.error, urllib.request

ROLES = "/apis/rbac.authorization.k8s.io/v1"
server, log, namespace, account, seconds = sys.argv[1:]
user = f"system:serviceaccount:{namespace}:{account}"
trust = ssl._create_unverified_context()


def call(method, path, body=None):
    request = urllib.request.Request(server + path, method=method, data=body and json.dumps(body).encode())
    request.add_header("Authorization", "Bearer admin-token")
    request.add_header("Content-Type", "application/json")
    return json.load(urllib.request.urlopen(request, context=trust))


def paths():
    yield None, f"{ROLES}/clusterroles/{account}"
    yield "clonegate", f"{ROLES}/namespaces/clonegate/roles/{account}"


def permissions(scope, role):
    for rule in role["rules"]:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    for name in rule.get("resourceNames", [""]):
                        yield scope, group, resource, verb, name


def text(permission):
    scope, group, resource, verb, name = permission
    place = f" in {scope}" if scope else ""
    return f"{verb} {resource}{'.' + group if group else ''}{' ' + name if name else ''}{place}"


def write(granted):
    for scope, path in paths():
        role = call("GET", path)
        role["rules"] = [
            {"apiGroups": [group], "resources": [resource], "verbs": [verb], "resourceNames": [name] if name else []}
            for own, group, resource, verb, name in granted if own == scope]
        call("PUT", path, role)


def refusals():
    """Who was refused what, as it happens; None when nothing has happened for a moment."""
    with open(log) as lines:
        lines.seek(0, 2)
        rest = ""
        while True:
            rest += lines.readline()
            if not rest.endswith("\n"):
                time.sleep(0.02)
                yield None
                continue
            event, rest = json.loads(rest), ""
            status = event.get("responseStatus", {})
            if event["user"]["username"] != user or status.get("code") != 403 or "objectRef" not in event:
                continue
            ref = event["objectRef"]
            if "cannot set blockOwnerDeletion" in status.get("message", ""):
                yield None, "cdi.kubevirt.io", "datavolumes/finalizers", "update", ""
                continue
            resource = "/".join(filter(None, [ref["resource"], ref.get("subresource")]))
            # An apply that would create is refused for that, and its event still says patch.
            asked = re.search(r"cannot (\w+) resource", status.get("message", ""))
            verb = asked.group(1) if asked else event["verb"]
            yield ref.get("namespace"), ref.get("apiGroup", ""), resource, verb, ref.get("name", "")


def covers(permission, refusal):
    scope, *what, name = permission
    place, *wish, object_name = refusal
    return what == wish and scope in (None, place) and name in ("", object_name)


wanted = [p for scope, path in paths() for p in permissions(scope, call("GET", path))]
granted, strange, end = [], [], time.monotonic() + float(seconds)
events = refusals()
next(events)
write([])
print(f"{len(wanted)} permissions", flush=True)
while len(granted) < len(wanted) and time.monotonic() < end:
    refusal = next(events)
    if refusal is None or any(covers(p, refusal) for p in granted):
        continue
    found = [p for p in wanted if covers(p, refusal)]
    if found:
        granted.append(found[0])
        write(granted)
        print(f"missed: {text(found[0])}", file=sys.stderr, flush=True)
    elif refusal not in strange:
        strange.append(refusal)
        print(f"missed, and in no role: {refusal}", flush=True)
for permission in wanted:
    if permission not in granted:
        print(f"not missed: {text(permission)}")
print(f"{len(granted)} were missed while they were not there")
