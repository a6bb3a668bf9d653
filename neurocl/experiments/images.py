"""The images that an experiment asks for by the name of their set."""

from __future__ import annotations

from collections.abc import Callable

from neurocl.data.dataset import Dataset

__all__ = ["load_images"]


def load_images(name: str, n_train: int | None, n_test: int | None, seed: int) -> Dataset:
    """Images with flat pixels, all or a part with the class proportions of all.

    Parameters
    ----------
    name : "digits", "mnist" or "fashion_mnist".
    n_train, n_test : images; none: all.
    seed : chooses the part.

    Raises
    ------
    NeuroclError
        If the data are not there, or fewer than asked for.
    """
    from neurocl import data

    loaders: dict[str, Callable[[], Dataset]] = {
        "digits": data.digits, "mnist": data.mnist, "fashion_mnist": data.fashion_mnist
    }  # fmt: skip
    full = loaders[name]().flat()
    found = len(full.y_train), len(full.y_test)
    wanted = (found[0] if n_train is None else n_train), (found[1] if n_test is None else n_test)
    return full if wanted == found else full.subset(*wanted, seed=seed)
