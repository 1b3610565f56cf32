"""Sampling distributions: what an estimator does in many samples of one population.

Needs joblib, pyarrow, threadpoolctl and tqdm: the extra `studies`.

The rows are a function of the seed: the same, to the last bit, for any number of workers and in any
order (`replicates`).
"""

from ..errors import StudyError, StudyWarning
from .sampling import failures, sampling_distribution

__all__ = ["StudyError", "StudyWarning", "failures", "sampling_distribution"]
