"""Invokes a function of a deployed stack and prints what it answers.

Usage: invoke.py ENDPOINT LOGICAL_ID EVENT
"""

import sys

import boto3


def main():
    endpoint, logical_id, event = sys.argv[1:]
    session = boto3.Session("test", "test", region_name="us-east-1")
    functions = session.client("lambda", endpoint_url=endpoint)
    names = [function["FunctionName"] for function in functions.list_functions()["Functions"]]
    (name,) = [name for name in names if f"-{logical_id}-" in name]
    answer = functions.invoke(FunctionName=name, Payload=event.encode())
    payload = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        raise SystemExit(f"{name}: {payload}")
    print(payload)


main()
