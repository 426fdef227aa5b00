"""Learning curves to hover over and zoom into, drawn by plotly in the page."""

import itertools

from fer_lib.report.exhibits import Html
from fer_lib.report.figures.style import LINES, curves, look
from fer_lib.report.results import Results, title

#: So many models are drawn at first: the curves of all hide each other.
SHOWN = 2
CONFIG = {
    "displaylogo": False,
    "displayModeBar": True,
    "responsive": True,
    "modeBarButtonsToRemove": ["sendChartToCloud", "select2d", "lasso2d"],
}


def interactive(results: Results) -> Html:
    """Accuracy above loss of every run of the study's models; the legend switches models."""
    from plotly.subplots import make_subplots

    figure = make_subplots(2, 1, shared_xaxes=True, vertical_spacing=0.06)
    names = [name for name in results.models if results.of(name)]
    lines = itertools.product(((1, "accuracy"), (2, "loss")), LINES)
    runs = [(name, run) for name in names for run in results.of(name)]
    for (name, run), ((row, column), (prefix, split, _)) in itertools.product(runs, lines):
        values = curves([run], prefix + column).iloc[:, 0]
        hover = f"{title(name)}, {run.recipe['name']}, seed {run.seed}, {split}"
        figure.add_scatter(
            **{"row": row, "col": 1, "x": values.index, "y": values.round(3), "mode": "lines"},
            line={"color": look(results, name)["color"], "dash": "solid" if prefix else "dot"},
            **{"name": title(name), "legendgroup": name},
            visible=name in names[:SHOWN] or "legendonly",
            showlegend=(row, run, prefix) == (1, results.of(name)[0], "val_"),
            hovertemplate=f"{hover}<br>epoch %{{x}}: %{{y}}<extra></extra>",
        )
    clear, grid = "rgba(0,0,0,0)", {"gridcolor": "rgba(128,128,128,0.3)", "zeroline": False}
    figure.update_layout(template="none", paper_bgcolor=clear, plot_bgcolor=clear)
    figure.update_layout(modebar_bgcolor=clear, margin={"l": 55, "r": 10, "t": 40, "b": 40})
    figure.update_layout(legend={"orientation": "h", "y": -0.14}, font={"size": 14})
    figure.update_layout(yaxis_title="accuracy, % (dotted: training)", yaxis2_title="loss, nats")
    figure.update_xaxes(**grid).update_yaxes(**grid).update_xaxes(title_text="epoch", row=2)
    options = {"full_html": False, "include_plotlyjs": False, "default_height": "640px"}
    text = figure.to_html(div_id="interactive", config=CONFIG, **options)
    alt = f"Accuracy and loss by epoch of every run of {len(names)} models"
    return Html(f'<div class="fer-plotly" role="figure" aria-label="{alt}">{text}</div>')
