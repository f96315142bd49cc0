import numpy as np

SECRET = np.array([0.25, -0.5])
