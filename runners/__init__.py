"""The runners: pull a repository, rebuild its environment, rerun it, and report what was seen."""
