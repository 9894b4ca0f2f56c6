"""Which plug-ins of pytest a log misses: fixtures, options, settings and marks that none brings."""

import re
from collections.abc import Iterator, Mapping


def _table(text: str) -> Mapping[str, str]:
    """The plug-in of each name, from lines "plug-in: name name"."""
    pairs = (line.partition(": ") for line in text.strip().splitlines())
    return {name: plugin for plugin, _, names in pairs for name in names.split()}


_FIXTURES = _table("""
pytest-mock: mocker class_mocker module_mocker package_mocker session_mocker
pytest-benchmark: benchmark benchmark_weave
pytest-datadir: datadir shared_datadir original_datadir lazy_datadir lazy_shared_datadir
pytest-datafiles: datafiles
pytest-regressions: data_regression file_regression num_regression image_regression
pytest-regressions: dataframe_regression ndarrays_regression obj_regression
pytest-regtest: regtest
requests-mock: requests_mock
responses: responses
pytest-httpx: httpx_mock
pytest-httpserver: httpserver
pytest-httpbin: httpbin httpbin_secure
pytest-aiohttp: aiohttp_client aiohttp_server test_client test_server
aioresponses: aioresponses
pytest-asyncio: event_loop event_loop_policy unused_tcp_port unused_tcp_port_factory
pytest-trio: nursery autojump_clock mock_clock
pytest-django: django_db_setup django_user_model live_server rf admin_client db
pytest-qt: qtbot qapp qtmodeltester qtlog
pytest-subtests: subtests
pytest-xdist: worker_id testrun_uid
pytest-cov: cov no_cover
pytest-console-scripts: script_runner
pytest-virtualenv: virtualenv
pytest-freezer: freezer
pytest-notebook: nb_regression
pytest-xprocess: xprocess
pytest-check: check
pytest-postgresql: postgresql
pytest-docker: docker_services docker_ip
pytest-dependency: dependency
pytest-playwright: page browser_context
pytest-selenium: selenium
pytest-cookies: cookies
pytest-click: cli_runner isolated_cli_runner
pytest-recording: vcr
pytest-lazy-fixture: lazy_fixture
pytest-mpi: mpi_file_name mpi_tmpdir mpi_tmp_path
pytest-socket: socket_enabled socket_disabled
pytest-timeout: timeout
pytest-memray: memray
pyfakefs: fs fs_class fs_module
faker: faker
syrupy: snapshot
napari: make_napari_viewer
anyio: anyio_backend
sybil: sybil
""")
# By the beginning of an option.
_OPTIONS = _table("""
pytest-cov: --cov --no-cov
pytest-xdist: -n --numprocesses --dist --maxprocesses --tx
pytest-forked: --forked --boxed
pytest-mpl: --mpl
pytest-arraydiff: --arraydiff
pytest-doctestplus: --doctest-plus --doctest-rst --doctest-ufunc --text-file-format --doctest-only
pytest-remotedata: --remote-data
pytest-openfiles: --open-files
pytest-astropy-header: --astropy-header
pytest-filter-subpackage: --package
nbval: --nbval --sanitize-with --current-env
nbmake: --nbmake
pytest-notebook: --nb-test-files
pytest-timeout: --timeout
pytest-flake8: --flake8
pytest-black: --black
pytest-pylint: --pylint
pytest-mypy: --mypy
pytest-isort: --isort
pytest-pep8: --pep8
pytest-pycodestyle: --pycodestyle --codestyle
pytest-pydocstyle: --pydocstyle --docstyle
pytest-ruff: --ruff
pytest-mccabe: --mccabe
pytest-randomly: --randomly
pytest-random-order: --random-order
pytest-reverse: --reverse
pytest-order: --order
pytest-benchmark: --benchmark
pytest-asyncio: --asyncio
pytest-html: --html --self-contained-html --css
pytest-json-report: --json-report
pytest-rerunfailures: --reruns --only-rerun
pytest-repeat: --count --repeat-scope
pytest-split: --splits --group --store-durations
pytest-testmon: --testmon
pytest-picked: --picked
pytest-instafail: --instafail
pytest-profiling: --profile
pytest-memray: --memray
pytest-regressions: --force-regen --regen-all
pytest-regtest: --regtest
syrupy: --snapshot
pytest-recording: --record-mode --block-network
pytest-socket: --disable-socket --allow-hosts
pytest-django: --ds --reuse-db --nomigrations --no-migrations --create-db
pytest-mpi: --with-mpi --only-mpi
pytest-xvfb: --no-xvfb --xvfb
pytest-cython: --doctest-cython
pytest-parallel: --workers --tests-per-worker
pytest-metadata: --metadata
pytest-sugar: --old-summary --force-sugar
pytest-pudb: --pudb
pytest-markdown-docs: --markdown-docs
pytest-codeblocks: --codeblocks
pytest-typeguard: --typeguard-packages
pytest-beartype: --beartype-packages
pytest-spec: --spec
allure-pytest: --alluredir
hypothesis: --hypothesis
jaxtyping: --jaxtyping-packages
""")
_SETTINGS = _table("""
pytest-timeout: timeout timeout_method timeout_func_only
pytest-asyncio: asyncio_mode asyncio_default_fixture_loop_scope
pytest-mpl: mpl-baseline-path mpl-results-path mpl-generate-summary mpl-use-full-test-name
pytest-doctestplus: doctest_plus doctest_plus_atol doctest_plus_rtol doctest_rst text_file_format
pytest-doctestplus: doctest_subpackage_requires doctest_norecursedirs
pytest-remotedata: remote_data_strict
pytest-openfiles: open_files_ignore
pytest-astropy-header: astropy_header astropy_header_packages
pytest-env: env env_files
pytest-django: DJANGO_SETTINGS_MODULE django_find_project
pytest-flake8: flake8-ignore flake8-max-line-length flake8-max-complexity
pytest-pep8: pep8ignore pep8maxlinelength
pytest-qt: qt_api qt_no_exception_capture qt_log_level_fail
pytest-xvfb: xvfb_width xvfb_height xvfb_colordepth
pytest-rerunfailures: reruns reruns_delay
pytest-cov: cov_fail_under
pytest-benchmark: benchmark_autosave
pytest-socket: allow_hosts
pytest-pythonpath: python_paths
pytest-dotenv: env_override_existing_values
pytest-metadata: render_collapsed
""")
_MARKS = _table("""
pytest-asyncio: asyncio
pytest-trio: trio
anyio: anyio
pytest-mpl: mpl_image_compare mpl_skip_test
pytest-arraydiff: array_compare
pytest-remotedata: remote_data internet_off
pytest-openfiles: openfiles_ignore
pytest-timeout: timeout
pytest-rerunfailures: flaky
pytest-benchmark: benchmark
pytest-django: django_db urls
pytest-order: order
pytest-mpi: mpi mpi_skip mpi_xfail
pytest-recording: vcr block_network
pytest-xdist: xdist_group
pytest-datafiles: datafiles
pytest-dependency: dependency
pytest-repeat: repeat
pytest-forked: forked
pytest-freezer: freeze_time
pytest-httpx: httpx_mock
pytest-socket: enable_socket disable_socket allow_hosts
pytest-cases: parametrize_with_cases
""")

_FIXTURE = re.compile(r"fixture '(\w{1,80})' not found")
_UNRECOGNISED = re.compile(r"error: unrecognized arguments: ([^\n]{1,1000})")
_SETTING = re.compile(r"Unknown config (?:option|ini key): ([\w-]{1,60})")
_MARK = re.compile(r"'(\w{1,60})' not found in `markers`|Unknown pytest\.mark\.(\w{1,60})")
_REQUIRED = re.compile(r"Missing required plugins: ([^\n]{1,300})")
_MODULE = re.compile(r"Error importing plugin \"(pytest_\w{1,60})[\w.]{0,60}\": No module named")
_PHRASES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"async def functions are not natively suppo"), "pytest-asyncio"),
    (re.compile(r"module 'pytest' has no attribute 'lazy_fixture'"), "pytest-lazy-fixture"),
)
_PLUGIN = re.compile(r"pytest-[a-z0-9-]{1,60}")
_TAIL_CHARACTERS = 200_000


def plugins_for_log(log: str) -> tuple[str, ...]:
    """The distributions of the plug-ins that the end of a log of pytest misses, each once."""
    return tuple(dict.fromkeys(_wanted(log[-_TAIL_CHARACTERS:])))


def _wanted(log: str) -> Iterator[str]:
    yield from (_FIXTURES[name] for name in _FIXTURE.findall(log) if name in _FIXTURES)
    for arguments in _UNRECOGNISED.findall(log):
        yield from (plugin for word in arguments.split() if (plugin := _of_option(word)))
    yield from (_SETTINGS[name] for name in _SETTING.findall(log) if name in _SETTINGS)
    marks = (strict or loose for strict, loose in _MARK.findall(log))
    yield from (_MARKS[name] for name in marks if name in _MARKS)
    for names in _REQUIRED.findall(log):
        yield from _PLUGIN.findall(names)
    yield from (name.replace("_", "-") for name in _MODULE.findall(log))
    yield from (plugin for phrase, plugin in _PHRASES if phrase.search(log))


def _of_option(word: str) -> str | None:
    """The plug-in that an option comes from: of those that begin it, the longest says."""
    name = word.partition("=")[0]
    begins = [option for option in _OPTIONS if name == option or _continues(name, option)]
    return _OPTIONS[max(begins, key=len)] if begins else None


def _continues(name: str, option: str) -> bool:
    """`--cov-report` continues `--cov`, and `-n4` continues `-n`; `--covers` does not."""
    if not option.startswith("--"):
        return name.startswith(option) and name[len(option) :].isdigit()
    return name.startswith(f"{option}-")
