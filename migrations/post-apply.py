"""The one door through which sql/ and plpython/ reach a database; a deploy always runs it."""

from yoyo import step

from runner import loader

steps = [step(loader.load_for_hook)]
