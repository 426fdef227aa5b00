"""Interactive figures: learning curves to hover over, zoom into and toggle."""

from fer_lib.figures import model_colour
from fer_lib.report import Report, model_title

QUANTITIES = (("accuracy", "accuracy"), ("loss", "loss"))


def learning_curves(report: Report):
    """Accuracy above loss for all runs of the main recipe; the legend switches whole models.

    The page must bring plotly's script: the book does.
    """
    from IPython.display import HTML
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    for model in report.models:
        for number, run in enumerate(report.seeds(model)):
            for place, (column, _) in enumerate(QUANTITIES, start=1):
                for prefix, name, dash in (
                    ("val_", "validation", "solid"),
                    ("", "training", "dot"),
                ):
                    figure.add_scatter(
                        x=run.history["epoch"],
                        y=run.history[prefix + column].round(4),
                        row=place,
                        col=1,
                        mode="lines",
                        name=model_title(model),
                        legendgroup=model,
                        showlegend=(number, place, prefix) == (0, 1, "val_"),
                        line={"color": model_colour(report, model), "dash": dash, "width": 1.7},
                        hovertemplate=f"{model_title(model)}, seed {run.seed}, {name}<br>"
                        "epoch %{x}: %{y:.4f}<extra></extra>",
                    )
    _lay_out(figure)
    text = figure.to_html(
        full_html=False,
        include_plotlyjs=False,
        div_id="interactive-curves",
        default_height="640px",
        # Nothing here leaves the reader's machine: no button that uploads the chart.
        config={
            "displaylogo": False,
            "responsive": True,
            "modeBarButtonsToRemove": ["sendChartToCloud"],
        },
    )
    return HTML(f'<div class="fer-plotly">{text}</div>')


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
    for place, (_, label) in enumerate(QUANTITIES, start=1):
        figure.update_yaxes(title_text=label, row=place, col=1)
    figure.update_xaxes(title_text="epoch", row=2, col=1)
