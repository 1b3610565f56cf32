#!/bin/sh
# What Gradescope runs once, when it builds the image.
set -eu
apt-get update && apt-get install -y python3-pip
pip3 install --break-system-packages "$(ls /autograder/source/refmixed-*.whl)[validation]"
