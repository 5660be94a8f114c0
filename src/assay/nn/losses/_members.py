"""The loss of a net that answers as many: the mean over what each of them answers."""

from torch import Tensor

from assay.nn.losses._base import Loss


class OfMembers(Loss):
    """The mean of a loss over members whose outputs stand side by side: (n, members * k) for a loss that takes (n, k).

    A mean of losses trains each member as if it were alone; the loss of the mean answer would let them lean on each
    other. A net says by its attribute ``members`` that it gives such outputs in training.

    Args:
        loss: Of one member.
        members: How many.
    """

    name = "of_members"

    def __init__(self, loss: Loss, members: int) -> None:
        super().__init__()
        self.loss, self.members, self.target = loss, members, loss.target

    def forward(self, outputs: Tensor, target: Tensor) -> Tensor:
        """Loss of each row (n,), from outputs (n, members * k) and the target of the loss, of n rows."""
        answers = outputs.reshape(len(outputs) * self.members, -1)
        losses: Tensor = self.loss(answers, target.repeat_interleave(self.members, 0))
        return losses.view(len(outputs), self.members).mean(1)

    def width(self, k: int) -> int:
        """That of each member, as many times as there are members."""
        return self.members * self.loss.width(k)
