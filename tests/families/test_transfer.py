from collections.abc import Mapping

import pytest
import torch
from torch import Tensor, nn

from assay.core.errors import PlanError
from assay.families._transfer import Transfer
from assay.nn.headed import Headed
from assay.nn.pictures.lenet import LeNet
from assay.nn.pictures.resnet import ResNet
from assay.nn.pictures.vgg import Vgg


def headed(body: nn.Module, outputs: int = 3, columns: int = 0) -> Headed:
    return Headed(nn.Sequential(body), body.features, outputs=outputs, columns=columns)  # type: ignore[arg-type]


def resnet(channels: int = 3, **settings: object) -> ResNet:
    return ResNet((16, 16, channels), **{"layers": 18, "width": 2, **settings})  # type: ignore[arg-type]


def published(net: ResNet) -> dict[str, Tensor]:
    """A net's weights under the names of torchvision, written down by hand, with a head of seven classes."""
    found = {"fc.weight": torch.ones(7, net.features), "fc.bias": torch.ones(7)}
    for name, value in net.state_dict().items():
        parts = name.split(".")
        if parts[1] == "0":
            layer = ["conv1", "bn1"][int(parts[2])]
        elif parts[3] == "shortcut":
            layer = f"layer{parts[1]}.{parts[2]}.downsample.{parts[4]}"
        else:
            layer = f"layer{parts[1]}.{parts[2]}." + {"0": "conv1", "1": "bn1", "3": "conv2", "4": "bn2"}[parts[4]]
        found[f"{layer}.{parts[-1]}"] = value
    return found


def transferred(net: nn.Module, weights: Mapping[str, Tensor], *, strict: bool = True) -> Transfer:
    transfer = Transfer.between(net, weights)
    transfer.check("net.pt", strict=strict)
    transfer.apply(net, weights)
    return transfer


def test_published_names_of_a_resnet_fill_all_of_its_body() -> None:
    giver, net = resnet().eval(), headed(resnet()).eval()
    head, x = net.head.weight.clone(), torch.rand(2, 3, 16, 16)
    transfer = transferred(net, published(giver))
    assert torch.equal(net.body(x), giver(x))
    assert torch.equal(net.head.weight, head)
    assert transfer.told()["transfer"].endswith("7 classes from 16 features there, 3 from 16 here")


def test_published_names_of_a_vgg_fill_all_of_its_body() -> None:
    giver, net = Vgg((8, 8, 1), layers=11, width=2).eval(), headed(Vgg((8, 8, 1), layers=11, width=2)).eval()
    row = [layer for stage in giver.stages for layer in [*stage.children(), *[None] * (len(stage) % 3 == 0)]]
    weights = {
        f"features.{number}.{name}": value
        for number, layer in enumerate(row)
        if layer is not None
        for name, value in layer.state_dict().items()
    }
    transferred(net, {**weights, "classifier.6.weight": torch.ones(9, 16), "classifier.6.bias": torch.ones(9)})
    x = torch.rand(2, 1, 8, 8)
    assert torch.equal(net.body(x), giver(x))


def test_a_head_of_as_many_classes_is_taken() -> None:
    giver, net = headed(LeNet(1)), headed(LeNet(1))
    transfer = transferred(net, giver.state_dict())
    x = torch.rand(2, 1, 16, 16)
    assert torch.equal(net(x), giver(x))
    assert "head taken" in transfer.told()["transfer"]


def test_a_head_that_sees_columns_begins_anew() -> None:
    net = headed(LeNet(1), columns=2)
    before = net.head.bias.clone()
    transfer = transferred(net, headed(LeNet(1)).state_dict())
    assert torch.equal(net.head.bias, before)
    assert "3 classes from 84 features there, 3 from 86 here" in transfer.told()["transfer"]


def test_a_body_alone_is_taken() -> None:
    giver, net = LeNet(1), headed(LeNet(1))
    transfer = transferred(net, giver.state_dict())
    assert "8 weights taken; head begins anew: the file has none" in transfer.told()["transfer"]


def test_filters_of_colours_see_grey_as_if_it_were_in_each_colour() -> None:
    giver, net = resnet().eval(), headed(resnet(1)).eval()
    transfer = transferred(net, published(giver))
    grey = torch.rand(2, 1, 16, 16)
    assert torch.allclose(net.body(grey), giver(grey.expand(-1, 3, -1, -1)), atol=1e-5)
    assert "first filters summed over 3 colours" in transfer.told()["transfer"]


def test_filters_of_grey_see_the_mean_of_the_colours() -> None:
    giver, net = resnet(1).eval(), headed(resnet()).eval()
    transfer = transferred(net, published(giver))
    x = torch.rand(2, 3, 16, 16)
    assert torch.allclose(net.body(x), giver(x.mean(1, keepdim=True)), atol=1e-5)
    assert "first filters see the mean of 3 colours" in transfer.told()["transfer"]


def test_what_is_missing_and_what_is_too_much_is_listed() -> None:
    weights = published(resnet())
    weights["layer9.weight"] = weights.pop("layer2.1.bn2.bias")
    with pytest.raises(
        PlanError,
        match=r"missing: body\.0\.stages\.2\.1\.path\.4\.bias; too many: layer9\.weight\)(.|\n)*strict to false",
    ):
        transferred(headed(resnet()), weights)


def test_what_has_another_shape_is_listed_with_both() -> None:
    with pytest.raises(PlanError, match=r"stages\.0\.0\.weight \(2, 3, 7, 7\) for \(2, 3, 3, 3\)"):
        transferred(headed(resnet()), published(resnet(stem="large")))


def test_without_strict_what_fits_is_taken_and_the_rest_is_told() -> None:
    giver, net = resnet(stem="large"), headed(resnet())
    weights = published(giver)
    weights["layer9.weight"] = weights.pop("layer2.1.bn2.bias")
    first = net.body[0].stages[0][0].weight.clone()
    told = transferred(net, weights, strict=False).told()
    assert torch.equal(net.body[0].stages[0][0].weight, first)
    assert torch.equal(net.body[0].stages[4][1].path[3].weight, giver.stages[4][1].path[3].weight)
    assert told["transfer_missing"] == "body.0.stages.2.1.path.4.bias"
    assert told["transfer_extra"] == "layer9.weight"
    assert told["transfer_unfit"] == "body.0.stages.0.0.weight (2, 3, 7, 7) for (2, 3, 3, 3)"


def test_a_file_of_another_net_is_refused_also_without_strict() -> None:
    with pytest.raises(PlanError, match="of which none fit the net"):
        transferred(headed(LeNet(1)), published(resnet()), strict=False)


def test_counters_of_old_files_may_be_missing() -> None:
    weights = {name: value for name, value in published(resnet()).items() if "num_batches" not in name}
    assert not transferred(headed(resnet()), weights).missing


def test_half_precision_is_taken_and_nan_is_not() -> None:
    giver, net = LeNet(1), headed(LeNet(1))
    weights = {name: value.half() for name, value in giver.state_dict().items()}
    transferred(net, weights)
    assert net.body[0].stages[0][0].weight.dtype == torch.float32
    assert torch.allclose(net.body[0].stages[0][0].weight, giver.stages[0][0].weight, atol=1e-3)
    weights["stages.1.0.bias"][3] = float("nan")
    with pytest.raises(PlanError, match=r"NaN or infinite in stages\.1\.0\.bias"):
        transferred(net, weights)


def test_of_a_runs_nets_the_one_that_fits_is_taken() -> None:
    other, giver, net = headed(resnet(1)), headed(LeNet(1)), headed(LeNet(1))
    weights = {
        f"/members/{number}/predictor/weights/{name}": value
        for number, each in enumerate((other, giver))
        for name, value in each.state_dict().items()
    }
    transferred(net, {"/encoders/0/means": torch.ones(3), **weights})
    x = torch.rand(2, 1, 16, 16)
    assert torch.equal(net(x), giver(x))


def test_a_net_on_the_meta_device_can_be_laid_beside_a_file() -> None:
    with torch.device("meta"):
        net = headed(resnet())
    transfer = Transfer.between(net, published(resnet()))
    transfer.check("net.pt", strict=True)
    assert len(transfer.taken) == len(resnet().state_dict())
