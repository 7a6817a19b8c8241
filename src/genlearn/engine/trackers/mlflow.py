"""MLflow: a run of an experiment, where MLFLOW_TRACKING_URI says."""

from __future__ import annotations

import os
from pathlib import Path

from ..runs.run import Run
from ._tracker import Tracker

_LONGEST = 500  # letters of a parameter that all versions take


class MLflow(Tracker):
    """A run of the experiment MLFLOW_EXPERIMENT_NAME (default: genlearn), by the client alone: the
    run that the caller may have open is left as it is."""

    needs = "mlflow"
    install = "mlflow"

    def __init__(self, run: Run, step: int) -> None:
        super().__init__(run, step)
        from mlflow import MlflowClient

        self.client = MlflowClient()
        self.id = self.key(self._new)
        self.client.update_run(self.id, status="RUNNING")

    def log(self, values: dict[str, float], step: int) -> None:
        for name, value in values.items():
            self.client.log_metric(self.id, name, value, step=step)

    def show(self, picture: Path, step: int) -> None:
        self.client.log_artifact(self.id, str(picture), "samples")

    def close(self) -> None:
        self.client.set_terminated(self.id, "FINISHED" if self.run.complete else "KILLED")

    def _new(self) -> str:
        """A run with the settings of ours."""
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME", "genlearn")
        found = self.client.get_experiment_by_name(name)
        experiment = found.experiment_id if found else self.client.create_experiment(name)
        run: str = self.client.create_run(experiment, run_name=self.run.path.name).info.run_id
        for key, value in self.settings.items():
            self.client.log_param(run, key, str(value)[:_LONGEST])
        return run


TRACKER = MLflow
