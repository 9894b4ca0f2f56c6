"""From modules to distributions: by table, by name, or not at all."""

import re

import pytest

from runners.environment import distributions
from runners.environment.distributions import distribution_meant, distribution_of, why_none


@pytest.mark.parametrize(
    ("module", "distribution"),
    [
        ("sklearn", "scikit-learn"), ("skimage", "scikit-image"),
        ("cv2", "opencv-python-headless"), ("PIL", "pillow"), ("yaml", "pyyaml"),
        ("Bio", "biopython"), ("bs4", "beautifulsoup4"), ("mpl_toolkits", "matplotlib"),
        ("pylab", "matplotlib"), ("osgeo", "gdal"), ("ot", "pot"),
        ("openbabel", "openbabel-wheel"), ("lal", "lalsuite"), ("haiku", "dm-haiku"),
        ("sonnet", "dm-sonnet"), ("pyro", "pyro-ppl"), ("umap", "umap-learn"),
        ("faiss", "faiss-cpu"), ("absl", "absl-py"), ("google.protobuf", "protobuf"),
        ("github", "pygithub"), ("wrf", "wrf-python"), ("simtk", "openmm"),
        ("batman", "batman-package"), ("bayes_opt", "bayesian-optimization"),
        ("roadrunner", "libroadrunner"), ("z3", "z3-solver"), ("pkg_resources", "setuptools<81"),
        ("distutils", "setuptools"), ("dotenv", "python-dotenv"),
        ("mpl_toolkits.basemap", "basemap"), ("community", "python-louvain"),
        ("tenpy", "physics-tenpy"),
    ],
)  # fmt: skip
def test_a_module_is_provided_by_a_distribution_of_another_name(module, distribution):
    assert distribution_of(module) == distribution
    assert why_none(module) is None


@pytest.mark.parametrize(
    "module",
    [
        "numpy", "astropy", "healpy", "gwpy", "uproot", "awkward", "iminuit", "neuron", "brian2",
        "netpyne", "bluepyopt", "h5py", "tables", "zarr", "tensorflow", "flax", "optax",
        "torch_geometric", "e3nn", "dgl", "gpytorch", "pymc3", "theano", "cmdstanpy", "hdbscan",
        "lightgbm", "gymnasium", "pybullet", "mujoco", "docopt", "cartopy", "shapely", "fiona",
        "pyproj", "geopandas", "xarray", "cftime", "cfgrib", "eccodes", "metpy", "netCDF4", "ase",
        "pymatgen", "phonopy", "MDAnalysis", "mdtraj", "parmed", "pyscf", "qutip", "uncertainties",
        "emcee", "corner", "particle", "vector", "hist",
    ],
)  # fmt: skip
def test_most_modules_are_called_as_their_distribution(module):
    assert distribution_of(module) == module


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("dolfin", "FEniCS"), ("ROOT", "ROOT"), ("nest", "simulator"), ("graph_tool", "conda"),
        ("hoomd", "conda"), ("meep", "conda"), ("psi4", "conda"), ("pcraster", "conda"),
        ("bpy", "program"), ("matlab", "program"), ("win32api", "Windows"),
        ("apex", "graphics card"), ("clip", "repository"), ("en_core_web_sm", "language model"),
        ("pybel", "several"), ("imp", "Python"), ("cPickle", "Python"), ("tomllib", "Python"),
        ("utils", "one's own"), ("helpers", "one's own"), ("config", "one's own"),
        ("model", "one's own"), ("data", "one's own"), ("src", "one's own"), ("lib", "one's own"),
        ("common", "one's own"), ("constants", "one's own"), ("functions", "one's own"),
        ("tools", "one's own"), ("main", "one's own"), ("test", "one's own"),
        ("Utils", "one's own"), ("plot_utils", "one's own"), ("my_model", "one's own"),
        ("_ext", "one's own"), ("f", "one's own"),
    ],
)  # fmt: skip
def test_nothing_is_guessed_where_a_guess_would_be_somebody_elses(module, reason):
    assert distribution_of(module) is None
    assert reason in why_none(module)


def test_the_table_holds_only_names_that_differ():
    def canonical(name):
        return re.sub(r"[-_.]+", "-", name).lower()

    table = distributions._DISTRIBUTIONS
    same = {m for m, d in table.items() if "." not in m and canonical(m) == canonical(d)}
    assert same == set()
    assert len(table) >= 250


def test_no_module_is_both_named_and_refused():
    named = set(distributions._DISTRIBUTIONS)
    assert named & set(distributions._NOT_ON_INDEX) == set()
    assert named & distributions._OF_THE_REPOSITORY == set()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("sklearn", "scikit-learn"),
        ("cv2", "opencv-python-headless"),
        ("PIL", "pillow"),
        ("igraph", "igraph"),
        ("nose", "nose"),
        ("ray", "ray"),
        ("utils", "utils"),
        ("pymc", "pymc"),
    ],
)
def test_a_requirement_is_taken_at_its_word_unless_it_can_only_mean_a_module(name, meant):
    assert distribution_meant(name) == meant
