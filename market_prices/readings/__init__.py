"""What a reader gets beside a bare price: names, weights, ages, changes, cards, exports."""
