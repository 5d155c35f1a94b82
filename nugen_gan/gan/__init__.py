"""The conditional GAN: networks, features, training."""
