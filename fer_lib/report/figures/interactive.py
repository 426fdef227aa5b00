"""Learning curves to hover over, zoom into and toggle, drawn by plotly in the page."""

from fer_lib.report.figures.panels import model_colour
from fer_lib.report.naming import model_title
from fer_lib.report.selection import Report
from fer_lib.runs import Run

#: Accuracy above loss.
QUANTITIES = ("accuracy", "loss")
#: So many models are drawn at first: the curves of all hide each other.
SHOWN = 2
#: Of each quantity: the history's prefix, its name and its line.
SPLITS = (("val_", "validation", "solid"), ("", "training", "dot"))
LABEL = "Accuracy and loss of every run, epoch by epoch, to hover over and zoom into"
# Nothing here leaves the reader's machine: no button that uploads the chart.
CONFIG = {
    "displaylogo": False,
    "responsive": True,
    "modeBarButtonsToRemove": ["sendChartToCloud"],
}


def interactive_curves(report: Report):
    """Accuracy above loss for all runs of the main recipe; the legend switches whole models.

    The page must bring plotly's script: the book does.
    """
    from IPython.display import HTML
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    for place, model in enumerate(report.models):
        for number, run in enumerate(report.seeds(model)):
            _add_run(figure, run, model_colour(report, model), number == 0, place < SHOWN)
    _lay_out(figure)
    text = figure.to_html(
        full_html=False,
        include_plotlyjs=False,
        div_id="interactive-curves",
        default_height="640px",
        config=CONFIG,
    )
    return HTML(
        f'<div class="fer-plotly" role="figure" aria-label="{LABEL}">{text}'
        "<noscript>These curves are drawn by a script; the figure above shows their means."
        "</noscript></div>"
    )


def _add_run(figure, run: Run, colour: str, with_legend: bool, shown: bool) -> None:
    """Draws a run's four curves; one of them stands for its model in the legend."""
    name = model_title(run.model)
    for place, quantity in enumerate(QUANTITIES, start=1):
        for prefix, split, dash in SPLITS:
            figure.add_scatter(
                x=run.history["epoch"],
                y=run.history[prefix + quantity].round(4),
                row=place,
                col=1,
                mode="lines",
                name=name,
                legendgroup=run.model,
                visible=True if shown else "legendonly",
                showlegend=with_legend and (place, prefix) == (1, "val_"),
                line={"color": colour, "dash": dash, "width": 1.7},
                hovertemplate=f"{name}, seed {run.seed}, {split}<br>"
                "epoch %{x}: %{y:.4f}<extra></extra>",
            )


def _lay_out(figure) -> None:
    """Axes, legend below, colours that the book's style sheet turns with the theme."""
    grey = "rgba(128,128,128,0.3)"
    figure.update_layout(
        template="none",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 50, "r": 10, "t": 30, "b": 40},
        legend={"orientation": "h", "y": -0.1},
        hovermode="closest",
        font={"size": 12},
    )
    figure.update_xaxes(gridcolor=grey, zeroline=False)
    figure.update_yaxes(gridcolor=grey, zeroline=False)
    for place, label in enumerate(QUANTITIES, start=1):
        figure.update_yaxes(title_text=label, row=place, col=1)
    figure.update_xaxes(title_text="epoch", row=2, col=1)
