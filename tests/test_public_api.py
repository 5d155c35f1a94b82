"""What `import nugen_gan` gives, and what it costs."""

import subprocess
import sys

import nugen_gan

PUBLIC = """
    convert read write train finetune distil generate validate compare load_model models
    Model EventTable
    Process Channel Flux Sampler TrainOptions FinetuneOptions DistilOptions NugenError __version__
""".split()


def test_the_public_names():
    assert set(nugen_gan.__all__) == set(PUBLIC) == set(dir(nugen_gan))
    for name in PUBLIC:
        assert getattr(nugen_gan, name) is not None


def test_the_import_is_light():
    code = """
import sys, nugen_gan
print(sorted({"torch", "numpy", "uproot", "awkward", "click"} & set(sys.modules)))
print(len(nugen_gan.models()) > 0, "torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[]", "True False"]
