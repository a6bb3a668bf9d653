"""The torch engine: many copies of a network side by side, as tensors [member, element], on a CPU or a GPU."""

from neurocl.core.errors import NeuroclError

try:
    import torch  # noqa: F401 - only to say in one sentence that it is missing
except Exception as error:
    raise NeuroclError(
        f"engine 'torch': PyTorch cannot be imported ({type(error).__name__}: {error});"
        ' install it with: pip install "neurocl[torch]"'
    ) from None

from neurocl.engines.torch.simulation import TorchSimulation

__all__ = ["TorchSimulation"]
