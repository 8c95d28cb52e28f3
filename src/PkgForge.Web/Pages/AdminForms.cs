using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PkgForge.Jobs;
using PkgForge.Platforms;
using PkgForge.Registry;
using PkgForge.Registry.Administration;
using PkgForge.Registry.Builders.Wire;
using PkgForge.Web.Access;
using PkgForge.Web.Api;
using PkgForge.Web.Builders;
using PkgForge.Web.Hosting;

namespace PkgForge.Web.Pages;

/// <summary>What the forms of <see cref="AdminPages"/> ask for: each page has one address to which its forms are sent, and their buttons say what to do.</summary>
internal sealed class AdminForms(ServedFarm farm, AdminPages pages)
{
    /// <summary>More than any rule lets pass, and yet a time.</summary>
    private const int MostDays = 36_500;

    /// <summary>Where forms may lead back to.</summary>
    private static readonly string[] Places = ["/builders", "/admin/builders"];

    public void Map(IEndpointRouteBuilder routes)
    {
        Post(routes, "/admin/platforms", PlatformAsync);
        Post(routes, "/admin/builders", BuilderAsync);
        Post(routes, "/admin/accounts", AccountAsync);
        Post(routes, "/admin/caps", CapAsync);
    }

    /// <summary>Reads the form; does what it asks for, which answers itself or returns what to say on the page.</summary>
    private void Post(
        IEndpointRouteBuilder routes,
        string path,
        Func<HttpContext, IFormCollection, FarmAdministration, Task<Notice?>> change
    ) => routes.MapPost(path, (RequestDelegate)(http => SendAsync(http, path, change))).For(Rule.Admin);

    private async Task SendAsync(
        HttpContext http,
        string path,
        Func<HttpContext, IFormCollection, FarmAdministration, Task<Notice?>> change
    )
    {
        if (!http.Request.HasFormContentType || RequestBody.Bound(http, RequestBody.MostOfWords) is not null)
        {
            await PageAnswers.SendAsync(http, Answers.BadRequest($"expected a form of the page {path}"));
            return;
        }
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        try
        {
            if (await change(http, form, farm.By(http)) is { } notice)
                await new SeeOther(
                    notice.At(http, Array.Find(Places, place => place == Text(form, "to")) ?? path)
                ).ExecuteAsync(http);
        }
        catch (UnauthorizedAccessException e)
        {
            await PageAnswers.SendAsync(http, Answers.Forbidden(e.Message));
        }
    }

    private static async Task<Notice?> PlatformAsync(HttpContext http, IFormCollection form, FarmAdministration by)
    {
        var (what, cancel) = (Text(form, "do"), http.RequestAborted);
        if (what == "add")
            return await AddPlatformAsync(form, by, cancel);
        if (!PlatformKey.TryParse(Text(form, "platform"), out var key))
            return Nonsense;
        return what switch
        {
            "activate" => Notice.Of(await by.SetPlatformActiveAsync(key, true, cancel), $"{key} is active."),
            "deactivate" => Notice.Of(
                await by.SetPlatformActiveAsync(key, false, cancel),
                $"{key} is no longer active."
            ),
            "auto" => Notice.Of(await by.SetPlatformAutoAsync(key, true, cancel), $"{key} is in the default set."),
            "not-auto" => Notice.Of(
                await by.SetPlatformAutoAsync(key, false, cancel),
                $"{key} is no longer in the default set."
            ),
            _ => Nonsense,
        };
    }

    private static async Task<Notice> AddPlatformAsync(
        IFormCollection form,
        FarmAdministration by,
        CancellationToken cancel
    )
    {
        var key = new PlatformKey(Text(form, "name"), Text(form, "architecture"));
        return AdminPlatforms.Format(Text(form, "format")) is { } format
            ? Notice.Of(
                await by.AddPlatformAsync(new(key, format, Active: true, Text(form, "auto") == "true"), cancel),
                $"{key} was added."
            )
            : Nonsense;
    }

    private async Task<Notice?> BuilderAsync(HttpContext http, IFormCollection form, FarmAdministration by)
    {
        var (name, cancel) = (Text(form, "name"), http.RequestAborted);
        switch (Text(form, "do"))
        {
            case "add" or "add-enrol" when PlatformKey.TryParse(Text(form, "platform"), out var key):
                var refusal = await by.AddBuilderAsync(name, key, cancel);
                return refusal is null && Text(form, "do") == "add-enrol"
                    ? await EnrolAsync(http, name, by)
                    : Notice.Of(refusal, $"{name} was added. Start it: pkgforge buildd --name {name} --daemon");
            case "enrol":
                return await EnrolAsync(http, name, by);
            case "drain":
                return Notice.Of(await by.SetDrainingAsync(name, true, cancel), $"{name} gets no more tasks.");
            case "undrain":
                return Notice.Of(await by.SetDrainingAsync(name, false, cancel), $"{name} gets tasks again.");
            case "release":
                return Notice.Of(await by.ReleaseBuilderAsync(name, cancel), $"{name} is out of quarantine.");
            case "delete":
                return Notice.Of(await by.DeleteBuilderAsync(name, cancel), $"{name} was deleted.");
            case "revoke":
                var revoked = await by.RevokeBuilderAsync(name, cancel);
                return Notice.Of(
                    revoked.Refusal,
                    revoked.Value == 0 ? $"{name} had no token." : $"The token of {name} was revoked."
                );
            default:
                return Nonsense;
        }
    }

    private async Task<Notice?> EnrolAsync(HttpContext http, string name, FarmAdministration by)
    {
        if (AdminRoutes.AddressOf(farm, http) is not { } server)
            return Nonsense;
        var code = await by.AddEnrolmentAsync(name, AdminBuilders.UsualTime, http.RequestAborted);
        if (code.Refusal is { } refusal)
            return Notice.Of(refusal, "");
        await pages.BuildersAsync(
            http,
            new(
                $"To make a machine {name}, type there",
                ServerAddress.EnrolmentLine(server, code.Value),
                "It is shown this once, and can be used once, within an hour."
            )
        );
        return null;
    }

    private async Task<Notice?> AccountAsync(HttpContext http, IFormCollection form, FarmAdministration by)
    {
        var (name, bucket, cancel) = (Text(form, "name"), Text(form, "bucket"), http.RequestAborted);
        switch (Text(form, "do"))
        {
            case "add" when AdminRoutes.Role(Text(form, "role")) is { } role:
                return Notice.Of(
                    await by.AddAccountAsync(name, role, cancel),
                    $"{name} was added, {Words.Of(role)}. It needs a token to log in."
                );
            case "role" when AdminRoutes.Role(Text(form, "role")) is { } role:
                return Notice.Of(await by.SetRoleAsync(name, role, cancel), $"{name}: {Words.Of(role)}.");
            case "maintain":
                return Notice.Of(
                    await by.SetMaintainerAsync(name, bucket, true, cancel),
                    $"{name} maintains {bucket}."
                );
            case "unmaintain":
                return Notice.Of(
                    await by.SetMaintainerAsync(name, bucket, false, cancel),
                    $"{name} maintains {bucket} no longer."
                );
            case "token":
                return await MakeTokenAsync(http, name, form, by);
            case "revoke":
                return Revoked(name, await by.EndTokensAsync(name, Text(form, "label"), cancel));
            case "revoke-all":
                return Revoked(name, await by.EndTokensAsync(name, null, cancel));
            case "remove":
                return Notice.Of(await by.RemoveAccountAsync(name, cancel), $"{name} was removed.");
            default:
                return Nonsense;
        }
    }

    private async Task<Notice?> MakeTokenAsync(
        HttpContext http,
        string name,
        IFormCollection form,
        FarmAdministration by
    )
    {
        if (Number(form, "days") is not { } days)
            return Nonsense;
        var request = new NewToken(
            Text(form, "label"),
            (long)TimeSpan.FromDays(Math.Min(days, MostDays)).TotalSeconds,
            Text(form, "read-only") == "true"
        );
        var token = await AdminAccounts.MakeTokenAsync(by, name, request, http.RequestAborted);
        if (token.Refusal is { } refusal)
            return Notice.Of(refusal, "");
        await pages.AccountsAsync(
            http,
            new(
                $"A token of {name}",
                token.Value,
                "It is shown this once. Give it to its owner by a way that nobody else reads."
            )
        );
        return null;
    }

    private async Task<Notice?> CapAsync(HttpContext http, IFormCollection form, FarmAdministration by)
    {
        var (what, name, cancel) = (Text(form, "do"), Text(form, "name"), http.RequestAborted);
        if (what == "priority")
            return await PriorityAsync(form, by, cancel);
        if (AdminCaps.Kind(Text(form, "kind")) is not { } kind)
            return Nonsense;
        var whom = FarmAdministration.Describe(kind, name);
        return what switch
        {
            "set" when Number(form, "tasks") is { } tasks => Notice.Of(
                await by.SetCapAsync(kind, name, tasks, cancel),
                $"{whom}: at most {tasks} {(tasks == 1 ? "task" : "tasks")} at once."
            ),
            "remove" => Notice.Of(await by.RemoveCapAsync(kind, name, cancel), $"{whom}: no cap."),
            _ => Nonsense,
        };
    }

    private static async Task<Notice> PriorityAsync(
        IFormCollection form,
        FarmAdministration by,
        CancellationToken cancel
    )
    {
        if (
            !JobId.TryParse(Text(form, "job"), out var job)
            || !Priorities.TryParse(Text(form, "priority"), out var priority)
        )
            return new($"'{Text(form, "job")}' is not a job's id: expected {JobId.Rule}", Trouble: true);
        var waiting = await by.SetPriorityAsync(job, priority, cancel);
        return Notice.Of(waiting.Refusal, $"{job}: {priority.Name()}. {waiting.Value} of its tasks wait.");
    }

    private static Notice Revoked(string name, Answer<int> ended) =>
        Notice.Of(ended.Refusal, ended.Value == 0 ? $"{name} had none." : $"{ended.Value} of {name} revoked.");

    private static Notice Nonsense { get; } = new("The form makes no sense: open the page again.", Trouble: true);

    private static string Text(IFormCollection form, string name) => form[name].ToString().Trim();

    private static int? Number(IFormCollection form, string name) =>
        int.TryParse(Text(form, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
