"""Replaces every agent of a deployed stack by a program that fails, and listens for alerts.

Usage: sabotage.py ENDPOINT TOPIC_ARN, prints the URL of a queue that receives what is alerted.
"""

import io
import sys
import zipfile

import boto3


def main():
    endpoint, topic = sys.argv[1:]
    session = boto3.Session("test", "test", region_name="us-east-1")
    functions, queues, topics = (session.client(name, endpoint_url=endpoint) for name in ("lambda", "sqs", "sns"))
    url = queues.create_queue(QueueName="alerts")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    names = [function["FunctionName"] for function in functions.list_functions()["Functions"]]
    for name in names:
        if "-ApiFunction-" not in name:
            functions.update_function_code(FunctionName=name, ZipFile=failing())
    print(url)


def failing():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, "#!/bin/sh\nexit 1\n")
    return buffer.getvalue()


main()
