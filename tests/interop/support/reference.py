# Answers a list of jobs with the reference implementation of OpenSSF Model Signing: "ok", or the error.
import json
import pathlib
import sys

from model_signing import hashing, signing, verifying


def hashing_config(job):
    """None lets the verifier follow what was signed, as it does by default."""
    config = hashing.Config()
    if job.get("shards"):
        config.use_shard_serialization(hashing_algorithm=job.get("hash", "sha256"), shard_size=job["shards"])
    elif job.get("hash"):
        config.use_file_serialization(hashing_algorithm=job["hash"])
    elif job["op"] == "verify":
        return None
    return config.set_ignored_paths(paths=job.get("ignore", []), ignore_git_paths=True)


def sign(job):
    config = signing.Config().set_hashing_config(hashing_config(job))
    if "certificate" in job:
        config.use_certificate_signer(
            private_key=job["key"], signing_certificate=job["certificate"], certificate_chain=job["chain"]
        )
    else:
        config.use_elliptic_key_signer(private_key=job["key"])
    config.sign(pathlib.Path(job["model"]), pathlib.Path(job["signature"]))


def verify(job):
    config = verifying.Config()
    if "roots" in job:
        config.use_certificate_verifier(certificate_chain=job["roots"])
    else:
        config.use_elliptic_key_verifier(public_key=job["key"])
    hashes = hashing_config(job)
    if hashes is not None:
        config.set_hashing_config(hashes)
    config.set_ignore_unsigned_files(job.get("ignoreUnsigned", False))
    config.verify(pathlib.Path(job["model"]), pathlib.Path(job["signature"]))


def answer(job):
    try:
        (sign if job["op"] == "sign" else verify)(job)
        return "ok"
    except Exception as error:  # whatever it is, it is not an acceptance
        return f"{type(error).__name__}: {error}"


answers = [answer(job) for job in json.load(sys.stdin)]
# Some releases write warnings to the same stream.
print("\n" + json.dumps(answers))
