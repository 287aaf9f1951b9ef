"""A pytest plugin with the fixture `spark`: one local Spark session for all tests that name this plugin.

A test file asks for it with `pytest_plugins = ["spark_session"]`. Where Spark or Java is absent its tests are skipped with a
sentence that says how to get them; in a build (`CI` is set) they fail instead.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

OLDEST_JAVA = 17


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    """A Spark session on two cores that listens on loopback alone and keeps its files in a temporary folder.

    Java compiles quickly instead of well: what the tests run is over before better code pays.
    """
    lacking = what_is_lacking()
    if lacking is not None:
        (pytest.fail if "CI" in os.environ else pytest.skip)(lacking)
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    before = {name: os.environ.get(name) for name in ("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON", "SPARK_LOCAL_IP")}
    os.environ |= {
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "1g",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.local.dir": str(folder),
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.master("local[2]").appName("medpolicy-tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


def what_is_lacking() -> str | None:
    """A sentence that says what the tests with Spark need and how to get it, or None where all of it is there."""
    if not all(find_spec(name) for name in ("pyspark", "pandas")):
        return "Spark for Python is not installed: pip install -e '.[spark]'"
    version = java_version()
    if version is None:
        return f"Spark needs Java {OLDEST_JAVA} or later: apt-get install openjdk-{OLDEST_JAVA}-jre-headless"
    if version < OLDEST_JAVA:
        return f"Spark needs Java {OLDEST_JAVA} or later, not {version}: apt-get install openjdk-{OLDEST_JAVA}-jre-headless"
    return None


def java_version() -> int | None:
    """The major version of the Java that Spark would start, or None where there is none."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home, "bin", "java")) if home else "java"
    if shutil.which(java) is None:
        return None
    told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False).stderr
    quoted = told.partition('"')[2]
    numbers = quoted.partition('"')[0].split(".")
    major = numbers[1] if numbers[0] == "1" else numbers[0]
    return int(major) if major.isdigit() else None
