"""`assay predict`."""

from assay.cli import _options as o
from assay.cli._answers import answered, notices, print_json, say


def predict(
    run: o.RunFolder,
    data: o.Data,
    *,
    out: o.Output = None,
    query: o.Query = None,
    fill_missing_columns: o.FillMissing = False,
    json: o.Json = False,
) -> None:
    """Label new rows: DATA's own columns, the prediction, and the probability of each class."""
    with answered():
        import assay
        from assay.cli._objects import prediction_object
        from assay.cli._progress import Bars
        from assay.cli._writing import check_output, print_table, write_table
        from assay.data.schema import Role

        if out is not None:
            check_output(out, data)
        with Bars().stage("Predicting"):
            opened = assay.load(run)
            table, noted = opened.predict_table(data, query=query, fill_missing_columns=fill_missing_columns)
            if out is not None:
                write_table(table, out, sequence=opened.model.schema.named(Role.SEQUENCE))
        notices(noted)
        if json:
            print_json(prediction_object(table, opened, out, noted))
        elif out is None:
            print_table(table)
        else:
            say(f"{table.height:,} rows with predictions are in {out}.")
