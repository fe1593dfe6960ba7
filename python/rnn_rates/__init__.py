"""Single-trial firing rates from spike trains, with recurrent neural networks.

    rates = rnn_rates.infer(spikes, stimulus_s, conditions)   # an xarray.Dataset
    rates = rnn_rates.open("my_session")                      # of results that are there
    tree = rnn_rates.open_dataset("sessions.tsv")             # of many sessions
"""
from ._infer import infer
from ._programs import Error
from ._results import open_dataset
from ._results import open_session as open

__all__ = ["Error", "infer", "open", "open_dataset"]
