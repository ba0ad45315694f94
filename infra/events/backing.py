"""Makes what the functions stand on in an emulator of AWS, and writes their environment for `sam local --env-vars`.

backing.py SECRET.json ENV.json BASE; the emulator's address and the region come from the environment.
"""
import json
import sys
import time

import boto3

secret_file, env_file, base = sys.argv[1:]


def ready(client):
    for _ in range(150):
        try:
            return client.list_tables()
        except Exception:  # not up yet
            time.sleep(0.2)
    sys.exit("backing.py: the emulator does not answer")


db, queues = boto3.client("dynamodb"), boto3.client("sqs")
ready(db)
keys = [("", "pk", "sk"), ("index1", "pk1", "sk1"), ("index2", "pk2", "sk2")]
schema = {name: [{"AttributeName": p, "KeyType": "HASH"}, {"AttributeName": s, "KeyType": "RANGE"}] for name, p, s in keys}
for table in ("people", "programme", "delivery"):
    db.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": a, "AttributeType": "S"} for _, p, s in keys for a in (p, s)],
        KeySchema=schema[""],
        GlobalSecondaryIndexes=[{"IndexName": n, "KeySchema": schema[n], "Projection": {"ProjectionType": "ALL"}} for n in ("index1", "index2")],
    )
with open(secret_file) as f:
    secret = boto3.client("secretsmanager").create_secret(Name="keys", SecretString=f.read())
ses = boto3.client("sesv2")
ses.create_email_identity(EmailIdentity="example.org")
env = {
    "AWS_ENDPOINT_URL": db.meta.endpoint_url,
    "LIAISON_PEOPLE_TABLE": "people",
    "LIAISON_PROGRAMME_TABLE": "programme",
    "LIAISON_DELIVERY_TABLE": "delivery",
    "LIAISON_PLAN_QUEUE": queues.create_queue(QueueName="plan")["QueueUrl"],
    "LIAISON_DELIVER_QUEUE": queues.create_queue(QueueName="deliver")["QueueUrl"],
    "LIAISON_MAIL_QUEUE": queues.create_queue(QueueName="mail")["QueueUrl"],
    "LIAISON_CONFIGURATION_SET": "events",
    "LIAISON_SECRET_ARN": secret["ARN"],
    "LIAISON_BASE_URL": base,
}
with open(env_file, "w") as f:
    json.dump({"Parameters": env}, f, indent=1)
