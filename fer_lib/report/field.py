"""Well-known results on FER2013 by others, each typed once, and how they were selected."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldResult:
    """A well-known result on FER2013 by others.

    Attributes:
        work: who, and which model.
        year: of publication.
        percent: the accuracy as published, in percent.
        split: the split of the challenge's file that the figure belongs to.
        selection: how the figure was chosen, as far as that is known.
        citation: key in the book's ``references.bib``.
        on_labels: whether labels of its own split are known to have chosen it.
    """

    work: str
    year: int
    percent: str
    split: str
    selection: str
    citation: str
    on_labels: bool = False


#: In the order of their years.
FIELD = (
    FieldResult(
        "Goodfellow et al., human raters", 2013, "65 ± 5", "not stated", "none", "goodfellow2013"
    ),
    FieldResult(
        "Pramerdorfer & Kampel, ensemble of 8 CNNs",
        2016,
        "75.2",
        "test, as stated",
        "not known in detail",
        "pramerdorfer2016",
    ),
    FieldResult(
        "WuJie1010, VGG19",
        2018,
        "73.11",
        "PrivateTest",
        "the best epoch on PrivateTest itself; 71.50 on PublicTest",
        "wu2018",
        on_labels=True,
    ),
    FieldResult(
        "Khaireddin & Chen, VGGNet",
        2021,
        "73.28",
        "PublicTest",
        "their code validates on PrivateTest and tests on PublicTest",
        "khaireddin2021",
    ),
    FieldResult(
        "LetheSec, ResNet18",
        2021,
        "73.70",
        "PublicTest",
        "the code has the same swap of validation and test",
        "lethesec2021",
    ),
    FieldResult(
        "Pham et al., Residual Masking Network",
        2021,
        "74.14",
        "PrivateTest, as stated",
        "one network of 143 M parameters, initialised from ImageNet",
        "pham2021",
    ),
    FieldResult(
        "Pham et al., ensemble",
        2021,
        "76.82",
        "PrivateTest, as stated",
        "the published script searches subsets of networks on the test labels",
        "pham2021",
        on_labels=True,
    ),
    FieldResult(
        "El Boudouri & Bohi, EmoNeXt-XL",
        2023,
        "76.12",
        "test, as stated",
        "not known in detail; initialised from ImageNet-22k",
        "elboudouri2023",
    ),
)


def field_sentence() -> str:
    """How many of the figures can be set beside this report's test accuracies."""
    trained = FIELD[1:]  # the first are people
    public = sum(result.split == "PublicTest" for result in trained)
    chosen = sum(result.on_labels for result in trained)
    return (
        f"Of the {len(trained)} figures of networks {public} belong to the other split, and "
        f"{chosen} were chosen with the labels of the images that they are stated for."
    )


def field_table() -> str:
    """Well-known results and how each was selected, as MyST Markdown with citations."""
    head = "| work | year | accuracy, % | split | how it was selected |\n|---|---|---|---|---|\n"
    return head + "\n".join(
        f"| {result.work} {{cite}}`{result.citation}` | {result.year} | {result.percent} "
        f"| {result.split} | {result.selection} |"
        for result in FIELD
    )
