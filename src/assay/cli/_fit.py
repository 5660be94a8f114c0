"""`assay fit`."""

from assay.cli import _options as o
from assay.cli._answers import answered, print_json


def fit(
    data: o.Data,
    *,
    target: o.Target = None,
    out: o.Out = None,
    time: o.Time = None,
    query: o.Query = None,
    resume: o.Resume = False,
    watch: o.Watch = False,
    json: o.Json = False,
    text: o.Text = None,
    categorical: o.Categorical = None,
    numeric: o.Numeric = None,
    picture: o.Picture = None,
    picture_size: o.PictureSize = None,
    drop: o.Drop = None,
    group: o.Group = None,
    sequence: o.SequenceColumn = None,
    weight: o.Weight = None,
    time_column: o.TimeColumn = None,
    task: o.Task = None,
    metric: o.Metric = None,
    positive: o.Positive = None,
    loss: o.Loss = None,
    interval: o.Interval = None,
    ordinal: o.IsOrdinal = False,
    order: o.Order = None,
    broken_spans: o.BrokenSpans = "repair",
    families: o.Families = None,
    decompose: o.Decompose = None,
    folds: o.Folds = None,
    rare_classes: o.RareClasses = "error",
    prefer: o.Prefer = "balanced",
    seed: o.Seed = 0,
    threads: o.Threads = None,
    device: o.Device = "auto",
    plan: o.Plan = None,
) -> None:
    """Fit a classifier on labelled rows, and say what it is worth."""
    with answered():
        from assay.cli._place import how_to_go_on, place_for

        place = place_for(data, out, resume=resume)
    with answered(after_stop=lambda: how_to_go_on(data, place, query=query)):
        import assay
        from assay.cli._objects import fit_object
        from assay.cli._progress import Bars
        from assay.cli._screen import Screen

        run = assay.fit(
            data,
            target,
            out=place,
            time=time,
            query=query,
            task=task,
            metric=metric,
            positive=positive,
            loss=loss,
            interval=interval,
            ordinal=ordinal,
            order=o.split(order),
            broken_spans=broken_spans,
            families=o.split(families),
            decompose=o.split(decompose),
            folds=folds,
            rare_classes=rare_classes,
            prefer=prefer,
            text=text or (),
            categorical=categorical or (),
            numeric=numeric or (),
            picture=picture or (),
            picture_size=picture_size,
            drop=drop or (),
            group=group,
            sequence=sequence,
            weight=weight,
            time_column=time_column,
            seed=seed,
            threads=threads,
            device=device,
            plan=plan,
            resume=resume,
            progress=Bars(watch=watch and not json),
        )
        if json:
            print_json(fit_object(run))
        else:
            Screen().fitted(run, data)
