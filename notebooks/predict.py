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
# # Predict from a picture
#
# A trained network says what a face in a picture expresses, and which parts of the face its answer
# rests on. A single answer is often wrong, and labels are voters' impressions, not feelings.

# %% tags=["parameters"]
picture = ""  # path of a picture; "": a drawn face
run = ""  # a run folder, or a .keras or network.js file; "": the committed network

# %% [markdown]
# ## The picture
#
# Faces are found by OpenCV, if `pip install -e '.[faces]'` brought it; else the centre square is
# taken. On the right, what the network sees.

# %%
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from fer_lib import faces, prediction
from fer_lib.data import EMOTIONS
from fer_lib.prediction import pictures

drawn = Image.fromarray(faces.face(np.random.default_rng(7), 3).reshape(48, 48))
shown = pictures.read(picture) if picture else drawn
crops = pictures.crops(shown)
images = np.stack([pictures.prepare(shown, crop) for crop in crops])
print(*crops, sep="\n")

# %%
_, (left, right) = plt.subplots(1, 2, figsize=(8, 4))
left.imshow(pictures.annotate(shown, [(crop, "") for crop in crops]), "gray", vmin=0, vmax=255)
right.imshow(images[0], cmap="gray", vmin=0, vmax=255)
for axes, title in ((left, "picture"), (right, "48 × 48 grey pixels")):
    axes.set_title(title)
    axes.axis("off")

# %% [markdown]
# ## The answer

# %%
network = prediction.load(run)
probabilities = prediction.predict(network, images)

# %%
_, axes = plt.subplots(figsize=(6, 3))
bars = axes.barh(EMOTIONS, probabilities[0], color="0.45")
axes.bar_label(bars, [f"{share:.1%}" for share in probabilities[0]], padding=3)
axes.set(xlim=(0, 1.15), xlabel="probability")
axes.invert_yaxis()

# %% [markdown]
# ## What the answer rests on
#
# A grey square of 12 pixels is moved over the face. Where it takes most from the probability of
# the first guess, the map is dark: the network needs that place.

# %%
losses = prediction.occlusion(network, images[0])
_, axes = plt.subplots(figsize=(4.5, 4))
axes.imshow(images[0], cmap="gray", vmin=0, vmax=255)
most = max(losses.max(), 0.01)  # of a probability; less is no map worth reading
overlay = axes.imshow(losses, cmap="Reds", alpha=0.55, vmin=0, vmax=most)
plt.colorbar(overlay, label=f"loss of probability of {EMOTIONS[probabilities[0].argmax()]}")
axes.set_axis_off()
