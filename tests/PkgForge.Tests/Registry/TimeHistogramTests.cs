using AwesomeAssertions;
using PkgForge.Registry;
using Xunit;

namespace PkgForge.Tests.Registry;

public sealed class TimeHistogramTests
{
    [Fact]
    public void Quantiles_are_right_to_a_twentieth_also_of_sums()
    {
        var random = new Random(7);
        var (first, second, times) = (new TimeHistogram(), new TimeHistogram(), new List<double>());
        for (var i = 0; i < 5000; i++)
        {
            var milliseconds = Math.Exp(random.NextDouble() * 18);
            times.Add(milliseconds);
            (i % 3 == 0 ? first : second).Add(TimeSpan.FromMilliseconds(milliseconds));
        }
        times.Sort();

        first.Add(second);

        first.Count.Should().Be(5000);
        foreach (var part in new[] { 0.01, 0.5, 0.95, 1 })
        {
            var exact = Math.Max(1, times[(int)Math.Ceiling(part * 5000) - 1]);
            (first.Quantile(part)!.Value.TotalMilliseconds / exact).Should().BeInRange(0.95, 1.05, "of {0}", part);
        }
    }

    [Fact]
    public void Nothing_has_no_quantiles_and_clocks_that_went_back_do_no_harm()
    {
        var times = new TimeHistogram();
        times.Quantile(0.5).Should().BeNull();

        times.Add(TimeSpan.FromSeconds(-5));

        times.Quantile(0.5)!.Value.Should().BeLessThan(TimeSpan.FromMilliseconds(2));
    }
}
