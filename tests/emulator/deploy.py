"""Deploys infra/template.yaml to an emulator and prints the stack's outputs as JSON.

Usage: deploy.py ENDPOINT TEMPLATE LAMBDA_DIR [NAME=VALUE ...]

What `sam deploy` would upload is uploaded here: a zip of every function's bootstrap from
LAMBDA_DIR/<binary>/, and every workflow's definition. The rest of the template is deployed as it is.
"""

import io
import json
import pathlib
import re
import sys
import time
import zipfile

import boto3

BUCKET = "artifacts"
STACK = "baton"
DEADLINE_SECONDS = 120


def main():
    endpoint, template, lambda_dir, *parameters = sys.argv[1:]
    session = boto3.Session("test", "test", region_name="us-east-1")
    clients = {name: session.client(name, endpoint_url=endpoint) for name in ("s3", "cloudformation")}
    clients["s3"].create_bucket(Bucket=BUCKET)
    body = upload(clients["s3"], pathlib.Path(template), pathlib.Path(lambda_dir))
    # A template of more than 51,200 bytes comes from S3, as with `sam deploy`.
    put(clients["s3"], "template.yaml", body.encode())
    stack = deploy(clients["cloudformation"], f"{endpoint}/{BUCKET}/template.yaml", parameters)
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    print(json.dumps(outputs))


def upload(s3, template, lambda_dir):
    """Uploads what the template refers to by path and answers the template with S3 addresses."""

    def code(match):
        binary = pathlib.PurePosixPath(match[2]).name
        return match[1] + put(s3, f"{binary}.zip", zipped(lambda_dir / binary / "bootstrap"))

    def definition(match):
        path = template.parent / match[2]
        return match[1] + put(s3, path.name, evaluated(path.read_text()).encode())

    body = template.read_text()
    body = re.sub(r"(CodeUri: )(\S+)", code, body)
    return re.sub(r"(DefinitionUri: )(\S+)", definition, body)


def evaluated(definition):
    """The emulator takes no expression as a timeout: an hour stands in its place."""
    return re.sub(r'("TimeoutSeconds": )"\{%[^"]*%\}"', r"\g<1>3600", definition)


def put(s3, key, data):
    s3.put_object(Bucket=BUCKET, Key=key, Body=data)
    return f"s3://{BUCKET}/{key}"


def zipped(bootstrap):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, bootstrap.read_bytes())
    return buffer.getvalue()


def deploy(cloudformation, template_url, parameters):
    pairs = [parameter.split("=", 1) for parameter in parameters]
    cloudformation.create_stack(
        StackName=STACK,
        TemplateURL=template_url,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in pairs],
    )
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return stack
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            raise SystemExit(failures(cloudformation, stack["StackStatus"]))
        time.sleep(0.2)
    raise SystemExit(f"the stack was not ready after {DEADLINE_SECONDS} seconds")


def failures(cloudformation, status):
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    reasons = [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in events
        if event["ResourceStatus"].endswith("FAILED")
    ]
    return "\n".join([f"the stack ended in {status}", *reasons])


main()
