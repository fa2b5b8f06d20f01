"""AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from torch.optim.adam import adam


class AdamW:
    """`torch.optim.AdamW` by torch's functional form.

    An `Optimizer` of torch imports the compiler, 1.5 s in every process that trains. This one has
    what `torch.amp.GradScaler` asks for: `param_groups` and `step`.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], lr: float, weight_decay: float) -> None:
        self.parameters = list(parameters)
        self.weight_decay = weight_decay
        self.param_groups: list[dict[str, Any]] = [{"params": self.parameters, "lr": lr}]
        self._means = [torch.zeros_like(one) for one in self.parameters]
        self._squares = [torch.zeros_like(one) for one in self.parameters]
        self._steps = [torch.tensor(0.0) for _ in self.parameters]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for one in self.parameters:
            one.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Take a step; a parameter without a gradient stays."""
        has = [n for n, one in enumerate(self.parameters) if one.grad is not None]
        adam(
            [self.parameters[n] for n in has],
            [grad for one in self.parameters if (grad := one.grad) is not None],
            [self._means[n] for n in has],
            [self._squares[n] for n in has],
            [],
            [self._steps[n] for n in has],
            foreach=False,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=self.param_groups[0]["lr"],
            weight_decay=self.weight_decay,
            eps=1e-8,
            maximize=False,
            decoupled_weight_decay=True,
        )
