using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Registry;
using PkgForge.Web.Access;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>What the page of statistics shows.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Statistics">What the farm has done.</param>
public sealed record StatisticsView(PageFrame Frame, FarmStatistics Statistics)
{
    private bool ByHour => Statistics.Window == StatisticsWindow.Day;

    /// <summary>What ended, as a plot.</summary>
    public Plot Ends =>
        new(
            "ends",
            ByHour ? "Builds that ended, by hour (UTC)" : "Builds that ended, by day (UTC)",
            ByHour ? "Hour (UTC)" : "Day (UTC)",
            Plot.Ends,
            [
                .. Statistics.Periods.Select(period => new PlotBar(
                    ByHour ? Show.Hour(period.Start) : Show.Day(period.Start),
                    ByHour ? Show.Stamp(period.Start) : Show.Day(period.Start),
                    Show.Values(period.Ends)
                )),
            ]
        );
}

/// <summary>Statistics: <c>/statistics</c>.</summary>
internal sealed class StatisticsPages(KeptStatistics statistics)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/statistics", (RequestDelegate)ShowAsync).For(Rule.Look);

    /// <summary>What <c>window</c> says; null and the answer when that is none.</summary>
    public static StatisticsWindow? Window(HttpContext http, out IResult? problem)
    {
        problem = null;
        var text = http.Request.Query["window"].ToString();
        if (text.Length == 0)
            return StatisticsWindow.Week;
        foreach (var window in Enum.GetValues<StatisticsWindow>())
            if (Words.Of(window) == text)
                return window;
        problem = Answers.BadRequest($"'window' is day, week or month, not '{text}'");
        return null;
    }

    private async Task ShowAsync(HttpContext http)
    {
        if (Window(http, out var problem) is not { } window)
        {
            await PageAnswers.SendAsync(http, problem!);
            return;
        }
        var view = new StatisticsView(new(http, "Statistics"), await statistics.ReadAsync(window, http.RequestAborted));
        await PageAnswers.WriteAsync(http, StatisticsPage.Create(view));
    }
}
