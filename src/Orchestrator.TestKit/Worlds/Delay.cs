namespace Orchestrator.TestKit.Worlds;

/// <summary>How long something takes: a distribution, from which each occasion draws with the random numbers that it is given.</summary>
public abstract record Delay
{
    private Delay() { }

    /// <summary>Takes no time.</summary>
    public static Delay None { get; } = new Constant(TimeSpan.Zero);

    /// <summary>A duration, never negative, in whole ticks of 100 ns.</summary>
    public abstract TimeSpan Next(Random random);

    /// <summary>Always the same.</summary>
    public sealed record Constant(TimeSpan Value) : Delay
    {
        public TimeSpan Value { get; } = NotNegative(Value, nameof(Value));

        public override TimeSpan Next(Random random) => Value;
    }

    /// <summary>Anything between the two, alike.</summary>
    public sealed record Uniform : Delay
    {
        /// <exception cref="ArgumentOutOfRangeException">One is negative, or the least is more than the most.</exception>
        public Uniform(TimeSpan least, TimeSpan most)
        {
            Least = NotNegative(least, nameof(least));
            Most = most >= least ? most : throw new ArgumentOutOfRangeException(nameof(most), most, "It is less than the least.");
        }

        public TimeSpan Least { get; }

        public TimeSpan Most { get; }

        public override TimeSpan Next(Random random) => Least + TimeSpan.FromTicks((long)((Most - Least).Ticks * random.NextDouble()));
    }

    /// <summary>Log-normal: what comes of many factors that multiply, such as a round trip on a machine with other work.</summary>
    public sealed record LogNormal : Delay
    {
        /// <param name="median">Half of all are shorter.</param>
        /// <param name="sigma">The standard deviation of the logarithm, 0 to 10: with 0.5, one in 40 is more than 2.7 times the median.</param>
        /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
        public LogNormal(TimeSpan median, double sigma)
        {
            Median = NotNegative(median, nameof(median));
            Sigma = sigma is >= 0 and <= 10 ? sigma : throw new ArgumentOutOfRangeException(nameof(sigma), sigma, "It is 0 to 10.");
        }

        public TimeSpan Median { get; }

        public double Sigma { get; }

        public override TimeSpan Next(Random random)
        {
            // Box and Muller's transform; 1 - u, because the logarithm of 0 has no value.
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            return Capped(Median.Ticks * Math.Exp(Sigma * normal), TimeSpan.FromDays(1));
        }
    }

    /// <summary>Pareto: mostly near the least, and now and then many times as long, up to the most.</summary>
    public sealed record HeavyTail : Delay
    {
        /// <param name="least">None is shorter; above zero.</param>
        /// <param name="shape">Pareto's alpha, 0.1 to 100: the smaller, the heavier the tail. Below 1 the mean has no bound but <paramref name="most"/>.</param>
        /// <param name="most">None is longer.</param>
        /// <exception cref="ArgumentOutOfRangeException">One is out of its range.</exception>
        public HeavyTail(TimeSpan least, double shape, TimeSpan most)
        {
            Least = least > TimeSpan.Zero ? least : throw new ArgumentOutOfRangeException(nameof(least), least, "It is above zero.");
            Shape = shape is >= 0.1 and <= 100 ? shape : throw new ArgumentOutOfRangeException(nameof(shape), shape, "It is 0.1 to 100.");
            Most = most >= least ? most : throw new ArgumentOutOfRangeException(nameof(most), most, "It is less than the least.");
        }

        public TimeSpan Least { get; }

        public double Shape { get; }

        public TimeSpan Most { get; }

        public override TimeSpan Next(Random random) => Capped(Least.Ticks * Math.Pow(1 - random.NextDouble(), -1 / Shape), Most);
    }

    private static TimeSpan NotNegative(TimeSpan value, string name) =>
        value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(name, value, "It is negative.");

    private static TimeSpan Capped(double ticks, TimeSpan most) => ticks >= most.Ticks ? most : TimeSpan.FromTicks((long)ticks);
}
