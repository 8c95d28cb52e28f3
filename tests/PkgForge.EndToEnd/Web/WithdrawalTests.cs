using System.Net;
using AwesomeAssertions;
using PkgForge.EndToEnd.Farms;
using PkgForge.Tests.Shared;
using Xunit;

namespace PkgForge.EndToEnd.Web;

/// <summary>Over HTTP, a job is taken back before incoming has taken it.</summary>
public sealed class WithdrawalTests : FarmTests
{
    private TestFarm farm = null!;
    private string url = "";
    private FarPerson anna = null!;

    [Fact]
    public async Task Its_submitter_takes_it_back_and_it_is_gone()
    {
        await SubmitAsync();

        (await anna.DoAsync("cancel", "early")).Should().StartWith("early: cancelled: taken out of incoming");

        farm.Files("spool/incoming").Should().BeEmpty();
        await anna.FailAsync(1, "no job 'early'", "cancel", "early");
        await farm.DoAsync("incoming");
        (await farm.TryAsync("status", "early")).ExitCode.Should().Be(1);
    }

    [Fact]
    public async Task Others_do_not()
    {
        await SubmitAsync();
        var bert = await FarPerson.MakeAsync(farm, url, "bert");

        await bert.FailAsync(5, "was submitted by somebody else", "cancel", "early");
        await anna.FailAsync(1, "no job 'early'", "cancel", "early", "dummy-all");

        await farm.DoAsync("incoming");
        (await farm.StatusAsync("early")).State.Should().Be("registered");
        (await anna.DoAsync("cancel", "early")).Should().Be("early: cancelled: dummy-all\n");
    }

    [Fact]
    public async Task Its_page_offers_that_to_those_who_may()
    {
        await SubmitAsync();
        await farm.DoAsync("account", "add", "bert", "--role", "submitter");
        using var bert = await LoginAsync("bert");
        using var browser = await LoginAsync("anna");
        (await bert.GetAsync("/jobs/early"))
            .Text.Should()
            .Contain("The job was submitted")
            .And.NotContain("Cancel the job");
        var page = await browser.GetAsync("/jobs/early");
        page.Text.Should().Contain("Cancel the job");

        var done = await browser.PostAsync("/jobs/early/cancel", ("form", page.Form));

        (done.Status, done.Header("Location")).Should().Be((HttpStatusCode.SeeOther, "/jobs"));
        (await browser.GetAsync("/jobs/early")).Status.Should().Be(HttpStatusCode.NotFound);
        farm.Files("spool/incoming").Should().BeEmpty();
        (await browser.PostAsync("/jobs/early/cancel", ("form", page.Form)))
            .Status.Should()
            .Be(HttpStatusCode.NotFound);
    }

    /// <summary>A farm without incoming: what is submitted stays there.</summary>
    private async Task SubmitAsync()
    {
        farm = await MakeFarmAsync();
        var server = farm.Start("serve", "--listen", "http://127.0.0.1:0");
        await server.SaysAsync("serving at ");
        url = server.ServesAt;
        anna = await FarPerson.MakeAsync(farm, url);
        await anna.DoAsync("submit", "-B", "main", "--id", "early", farm.Script("a", "print a"));
    }

    private async Task<TestBrowser> LoginAsync(string name)
    {
        var browser = new TestBrowser(new(url));
        var token = (await farm.DoAsync("account", "token", name)).Trim();
        (await browser.PostAsync("/login", ("token", token))).Status.Should().Be(HttpStatusCode.SeeOther);
        return browser;
    }
}
