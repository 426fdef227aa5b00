# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,mystnb,-all
#     notebook_metadata_filter: kernelspec,-jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Train one model
#
# This notebook trains one model by one recipe with one seed, and leaves a run folder: the history,
# the probabilities on the held-out splits and a record of what made them. From the root of the
# checkout:
#
# ```
# papermill notebooks/train.ipynb out.ipynb -p model model5
# ```
#
# Interrupted, the same command goes on from the last saved epoch.

# %% tags=["parameters"]
model = "model1"  # a key of fer_lib.models.MODELS
recipe = "original"  # a key of fer_lib.recipes.RECIPES
epochs = 0  # 0: as many as the recipe says
seed = 0
data = ""  # path, or "demo"; "": FER_DATA, then data/, then the drawn demo faces
runs = ""  # folder of the run folders; "": runs/mine, or runs/demo for data other than FER2013
weights = ""  # a pretrained model's file of weights; "": ImageNet's

# %% tags=["remove-input"]
from fer_lib import notebook

settings = notebook.settings(globals())

# %% [markdown]
# ## Data
#
# The official split: the model learns from the training images, choices are made on the validation
# images, and the test images are predicted only after the last epoch.

# %%
from fer_lib.data import record

dataset = settings.dataset()
root = settings.root(dataset)
record.write(dataset, root)
notebook.banner(dataset)

# %% [markdown]
# ## Model
#
# What to look for: how the parameters divide between convolutions and dense layers, and that nearly
# all arithmetic is in the convolutions.

# %%
from fer_lib import training
from fer_lib.models import architecture
from fer_lib.report import model_tables, run_tables
from fer_lib.training import fitting

fresh = fitting.build(settings.model, settings.resolved_recipe(), settings.seed, settings.weights)
model_tables.layers(architecture.layers(fresh))

# %% [markdown]
# ## Training

# %%
settings.resolved_recipe()

# %% tags=["scroll-output"]
chosen = settings.resolved_recipe()
run = training.train(settings.model, chosen, settings.seed, dataset, root, settings.weights)

# %% [markdown]
# ## Learning curves
#
# What to look for: the epoch at which the two lines part. From there on the model learns the
# training images rather than the emotion.

# %%
from fer_lib.report import figures

figures.learning_curves(run)

# %% [markdown]
# ## Test images
#
# Rows are the true emotions, columns the model's answers, each row in shares of its images. Off the
# diagonal are the mistakes.

# %%
figures.confusion_matrix(run)

# %%
run_tables.classification(run)

# %% [markdown]
# ## What made this run

# %%
run_tables.facts(run)
